"""What pyproject.toml cannot say: the example project at the top of the repository ships inside the package."""

import runpy
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithExample(build_py):
    """Copies the example into `kibana_builder/example`, where `kbuild init` finds it."""

    def run(self) -> None:
        super().run()
        if self.editable_mode:
            return  # the checkout itself is there
        target = Path(self.build_lib, "kibana_builder", "example")
        shutil.rmtree(target, ignore_errors=True)  # a build folder may hold files that are gone from the example
        listed = runpy.run_path("kibana_builder/files/example.py")
        for pattern in (*listed["EXAMPLE"], *listed["STACK"]):
            for path in Path().glob(pattern):
                (target / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, target / path)


setup(cmdclass={"build_py": BuildWithExample})
