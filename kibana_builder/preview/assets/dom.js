// Small helpers of all parts of the page: elements, calls to the server, words for who cannot see the change.

const SPACE = (location.pathname.match(/^\/s\/[^/]+/) || [""])[0];

/** Makes an element; `on` has its listeners. Text is always text: strings become text nodes. */
export function make(name, properties = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "on") for (const [event, act] of Object.entries(value)) element.addEventListener(event, act);
    else if (key in element) element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const button = (words, act, properties = {}) => make("button", { type: "button", on: { click: act }, ...properties }, words);

/** What the server refused: its words, its status (0 when it did not answer) and the version that it then showed. */
class Refused extends Error {
  constructor(words, status = 0, version = null) {
    super(words);
    Object.assign(this, { status, version });
  }
}

const AWAY = "The server does not answer. This page tries again until it does.";

/** Asks the page's API. Throws Refused. */
export async function call(name, body = {}) {
  let answer, value;
  try {
    answer = await fetch(`${SPACE}/kbuild/api/${name}`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
    });
    value = await answer.json();
  } catch {
    throw new Refused(answer ? `The server answered with ${answer.status}, in no form that this page knows.` : AWAY);
  }
  if (!answer.ok) throw new Refused(value.error || value.message || `The server answered with ${answer.status}.`, answer.status, value.version);
  return value;
}

/** Puts a child at its place among the others; what stands there already is not moved, and so keeps the focus. */
export function putAt(element, index, child) {
  if (element.children[index] !== child) element.insertBefore(child, element.children[index] || null);
}

/** Says something for a while, aloud too where a screen reader listens. */
export function tell(words) {
  const said = document.getElementById("said");
  said.textContent = words;
  clearTimeout(tell.timer);
  tell.timer = setTimeout(() => { said.textContent = ""; }, 6000);
}

/** Closes an open <details> by Escape and by a click elsewhere, as menus do. */
export function closes(details) {
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.stopPropagation();
    details.open = false;
    details.querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", (event) => {
    if (details.open && !details.contains(event.target)) details.open = false;
  });
  return details;
}

/** Lets arrow keys, Home and End go through elements of which Tab reaches one. */
export function roving(elements) {
  elements.forEach((element, index) => {
    element.tabIndex = index === 0 ? 0 : -1;
    element.addEventListener("keydown", (event) => {
      const next = { ArrowRight: index + 1, ArrowDown: index + 1, ArrowLeft: index - 1, ArrowUp: index - 1, Home: 0, End: elements.length - 1 }[event.key];
      if (next === undefined) return;
      event.preventDefault();
      const target = elements[(next + elements.length) % elements.length];
      for (const one of elements) one.tabIndex = one === target ? 0 : -1;
      target.focus();
    });
  });
}

/** Opens a menu of [words, act] below a place; Escape and a click elsewhere close it. */
export function menu(entries, { x, y }, label) {
  document.querySelector(".tip")?.remove();
  const back = document.activeElement;
  const close = () => {
    box.remove();
    document.removeEventListener("pointerdown", away);
  };
  const away = (event) => { if (!box.contains(event.target)) close(); };
  const buttons = entries.map(([words, act]) => button(words, () => { close(); back?.focus?.(); act(); }, { role: "menuitem" }));
  const box = make("div", { className: "menu-box", role: "menu", "aria-label": label, on: { keydown: (event) => {
    if (event.key !== "Escape" && event.key !== "Tab") return;
    event.preventDefault();
    close();
    back?.focus?.();
  } } }, ...buttons);
  roving(buttons);
  document.body.append(box);
  box.style.left = `${Math.max(4, Math.min(x, innerWidth - box.offsetWidth - 8))}px`;
  box.style.top = `${Math.max(4, Math.min(y, innerHeight - box.offsetHeight - 8))}px`;
  document.addEventListener("pointerdown", away);
  buttons[0].focus();
}

/** Writes an input anew, unless a person is typing something else into it. */
export function refill(input, value) {
  if (value !== input.dataset.shown || input.value === input.dataset.shown) input.value = value;
  input.dataset.shown = value;
}
