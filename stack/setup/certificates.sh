#!/bin/bash
# Makes the authority and the certificates of the stack, once, in the volume /certificates. Runs as root in the image of
# Elasticsearch, before Elasticsearch starts. Made again when the volume is gone or a file in it was removed.
set -euo pipefail

missing=0
for name in ELASTIC_PASSWORD KIBANA_SYSTEM_PASSWORD LOGSTASH_PASSWORD MONITORING_PASSWORD KIBANA_ENCRYPTION_KEY; do
  if [ -z "${!name}" ]; then
    echo "The environment variable $name is not set." >&2
    missing=1
  elif [[ $name == *_PASSWORD && $(printf %s "${!name}" | wc -m) -lt 6 ]]; then
    echo "The password in $name is too short: Elasticsearch wants 6 characters at least." >&2
    missing=1
  fi
done
if [ -n "$KIBANA_ENCRYPTION_KEY" ] && [ "$(printf %s "$KIBANA_ENCRYPTION_KEY" | wc -m)" -lt 32 ]; then
  echo "KIBANA_ENCRYPTION_KEY is too short: Kibana wants 32 characters at least." >&2
  missing=1
fi
[ "$missing" -eq 0 ] || exit 1

cd /certificates
if [ ! -f ca/ca.crt ] || [ ! -f ca/ca.key ]; then
  rm -rf ca elasticsearch kibana truststore.p12
  /usr/share/elasticsearch/bin/elasticsearch-certutil ca --silent --pem --days 3650 --out /tmp/ca.zip
  unzip -q /tmp/ca.zip -d .
fi

names=()
IFS=, read -r -a more <<<"$CERTIFICATE_NAMES"
for name in "${more[@]}"; do
  name=${name// /}
  [ -z "$name" ] || names+=("$name")
done

for service in elasticsearch kibana; do
  if [ ! -f "$service/$service.crt" ]; then
    rm -rf "$service"
    dns=$(IFS=,; echo "$service,localhost${names:+,${names[*]}}")
    /usr/share/elasticsearch/bin/elasticsearch-certutil cert --silent --pem --days 825 --name "$service" \
      --dns "$dns" --ip 127.0.0.1 --ca-cert ca/ca.crt --ca-key ca/ca.key --out "/tmp/$service.zip"
    unzip -q "/tmp/$service.zip" -d .
  fi
done

if [ ! -f truststore.p12 ]; then
  /usr/share/elasticsearch/jdk/bin/keytool -importcert -noprompt -alias stack-ca -file ca/ca.crt \
    -keystore truststore.p12 -storetype PKCS12 -storepass changeit
fi

# All services run as the user 1000. The authority's key is for this job alone.
chown -R 1000:0 /certificates /snapshots
find /certificates -type d -exec chmod 750 {} +
find /certificates -type f -exec chmod 640 {} +
chown root:root ca/ca.key
chmod 600 ca/ca.key
echo "The certificates are there."
