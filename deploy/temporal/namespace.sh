#!/bin/sh
# Makes the namespace, with the search attributes that people find notices by, and sets how long Temporal keeps a closed
# notice. It can be run again at any time. TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE come from the environment.
set -eu
retention=90d # contract: a webhook for a closed notice is known that long

tries=60
until temporal operator cluster health; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "Temporal at $TEMPORAL_ADDRESS is not healthy after two minutes; look at its log" >&2; exit 1; }
  sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
else
  temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$retention"
fi

# A new namespace is known everywhere only after some seconds. Attributes that exist are left as they are.
tries=30
until temporal operator search-attribute create --namespace "$TEMPORAL_NAMESPACE" \
  --name TampuuriCustomer --type Keyword \
  --name TampuuriNotice --type Keyword \
  --name TampuuriProperty --type Keyword \
  --name HillavaTask --type Keyword \
  --name NoticePhase --type Keyword \
  --name AttentionReason --type Keyword; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "the search attributes could not be made; see the message above" >&2; exit 1; }
  sleep 2
done

# The frontend answers before the service that hands out tasks does: after everything has come up at other addresses, that
# one first tries for up to a minute to reach those of before. A worker that starts meanwhile gives up.
tries=60
until temporal task-queue describe --namespace "$TEMPORAL_NAMESPACE" --task-queue tampuuri-hillava --command-timeout 5s >/dev/null; do
  tries=$((tries - 1))
  [ "$tries" -gt 0 ] || { echo "Temporal hands out no tasks; look at its log" >&2; exit 1; }
  sleep 2
done
