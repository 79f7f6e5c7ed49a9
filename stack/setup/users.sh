#!/bin/bash
# Sets the passwords of the built-in users, and makes the role and the user that Logstash writes as. Runs after
# Elasticsearch is healthy, at each start; doing it again changes nothing.
set -euo pipefail

# As a text in JSON: backslashes and quotes are escaped.
text() {
  local value=${1//\\/\\\\}
  printf '"%s"' "${value//\"/\\\"}"
}

# METHOD PATH BODY; the login comes by standard input, so that no list of processes shows it.
ask() {
  local answer
  answer=$(curl -sS --cacert /certificates/ca/ca.crt -X "$1" "https://elasticsearch:9200$2" \
    -H 'Content-Type: application/json' -d "$3" -w '\n%{http_code}' \
    -K <(printf 'user = %s' "$(text "elastic:$ELASTIC_PASSWORD")"))
  if [ "${answer##*$'\n'}" != 200 ]; then
    echo "$1 $2 was refused: $answer" >&2
    exit 1
  fi
}

ask POST /_security/user/kibana_system/_password "{\"password\": $(text "$KIBANA_SYSTEM_PASSWORD")}"
ask POST /_security/user/remote_monitoring_user/_password "{\"password\": $(text "$MONITORING_PASSWORD")}"
# It writes documents into the pipeline's own indices, makes those of a new day, and can do nothing else.
ask PUT /_security/role/logstash_writer '{
  "cluster": ["monitor"],
  "indices": [{
    "names": ["ml-metrics-*", "ml-training-*", "data-quality-*", "ml-dead-letter"],
    "privileges": ["create_index", "index", "auto_configure"]
  }]
}'
ask PUT /_security/user/logstash_writer "{\"password\": $(text "$LOGSTASH_PASSWORD"), \"roles\": [\"logstash_writer\"]}"
echo "The users are there."
