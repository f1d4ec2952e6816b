#!/usr/bin/env bash
# Checks the model of a notice's life: the protocol holds, and without any one of its protections it does not.
#
#   docs/model/check.sh              every variant, one line each; exit 1 if one is not as expected
#   docs/model/check.sh BLIND_RETRY  the steps of that variant's counterexample
set -euo pipefail
cd "$(dirname "$0")"

# Expected result, variant (macros of notice.pml joined by +), what it says.
variants() {
	cat <<'VARIANTS'
HOLDS ENDLESS                        the protocol, any number of faults
HOLDS ENDLESS+LIFETIMES              the same with forgotten keys and runs, a reopened notice, a stale poll
ENDS  FAULTS=1                       every history ends once the faults stop, and then everything is reported
ENDS  FAULTS=1+LIFETIMES             the same with lifetimes
FAILS BLIND_RETRY                    a write repeated without a look
FAILS EAGER_LOOK                     look at once, then write
FAILS NO_TIME_LEFT                   a write that may outlive its attempt
FAILS NO_PLAN                        a time entry edited between an unknown outcome and the look
FAILS LATE_TEHTY                     Tehty after the toimenpiteet have begun
FAILS EAGER_DECISION                 Työ valmis comes, and the look at what is sent does not wait for what is on its way
FAILS NO_RECONCILE                   a webhook given up
FAILS NO_RESEND                      a step refused for good, and nobody resends
FAILS NO_REJECT_DUPLICATE+LIFETIMES  the poll starts what it listed before the run closed
HOLDS NO_LOOKUP+LIFETIMES            create without a look: Hillava's uniqueness still holds
HOLDS NO_UNIQUE+LIFETIMES            Hillava without uniqueness: look and key still hold
HOLDS NEW_KEY+LIFETIMES              a new key per attempt: uniqueness still holds
FAILS NO_LOOKUP+NO_UNIQUE+LIFETIMES  neither look nor uniqueness, once the key is forgotten
FAILS NEW_KEY+NO_UNIQUE              neither one key nor uniqueness, with a create in flight
FAILS NO_EVENTS_AFTER+LIFETIMES      events from before a reopening reach the run that it was imported with
FAILS NO_AGE_RULE+LIFETIMES          so they do once Temporal has forgotten the run before, and nothing looks at their age
FAILS FOUND_ONLY+LIFETIMES           the age looked at for events found with the task, not for those that are signalled
FAILS YOUNG+LIFETIMES                known limit: an event from after Valmis, when people reopen the notice much later
FAILS TERMINATED                     known limit: an attempt goes on after its run was terminated by hand
VARIANTS
}

for tool in spin gcc; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIPPED: $tool is not installed (apt-get install spin gcc)"
		exit 0
	fi
done

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
model=$PWD/notice.pml

# search VARIANT KIND: builds and runs the verifier in a folder of its own; its report is in pan.out there.
search() {
	local macros=() option search=-DSAFETY optimize=-O1
	if [ "$2" = FAILS ]; then optimize=-O0; fi # a counterexample is found before the optimizer is through
	for option in ${1//+/ }; do macros+=("-D$option"); done
	case $1 in *ENDLESS* | *FAULTS*) ;; *) macros+=(-DFAULTS=2) ;; esac
	local options=(-m100000 -w22) # depth and hash table; a search that does not get by with them is no proof
	if [ "$2" = ENDS ]; then
		search=-DNP # no label marks progress, so a non-progress cycle is any cycle at all
		options+=(-l)
	fi
	mkdir "$folder/$1"
	cd "$folder/$1"
	cp "$model" .
	spin -a "${macros[@]}" notice.pml >spin.out
	gcc -w "$optimize" "$search" -DMEMLIM=1500 -o pan pan.c
	./pan "${options[@]}" >pan.out 2>&1 || true
	if grep -q 'max search depth too small\|out of memory\|memory bound' pan.out; then
		echo "the search of $1 was cut short" >&2
		return 1
	fi
}

if [ $# -gt 0 ]; then
	search "$1" FAILS
	if [ ! -e notice.pml.trail ]; then
		echo "$1 has no counterexample"
		exit 1
	fi
	macros=()
	for option in ${1//+/ }; do macros+=("-D$option"); done
	spin -t -p "${macros[@]}" -DFAULTS=2 notice.pml
	exit 0
fi

failed=0
while read -r want variant text; do
	begin=$SECONDS
	(search "$variant" "$want")
	out=$folder/$variant/pan.out
	states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$out")
	errors=$(sed -n 's/.*errors: \([0-9]*\).*/\1/p' "$out")
	broken=$(sed -n 's/^pan:1: //p' "$out" | sed 's/ (at depth.*//')
	got=FAILS
	if [ "$errors" = 0 ]; then got=$want; [ "$want" != FAILS ] || got=HOLDS; fi
	verdict=ok
	if [ "$got" != "$want" ] || [ -z "$errors" ]; then verdict="NOT AS EXPECTED ($want)"; failed=1; fi
	printf '%-5s %-36s %9s states %3ss  %s: %s\n' "$got" "$variant" "$states" "$((SECONDS - begin))" "$verdict" "$text"
	if [ -n "$broken" ]; then printf '      %s\n' "$broken"; fi
	rm -rf "${folder:?}/$variant"
done < <(variants)
exit "$failed"
