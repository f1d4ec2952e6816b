/*
 * The life of one notice: Tampuuri, Hillava, the network in between, webhooks, poll, reconciliation, the workflow and the
 * attempts of its activities. README.md says what is modelled and which rule of the code each guard stands for.
 *
 * The protocol is what is left without macros. Each macro takes one protection away or adds one circumstance; README.md
 * says which, check.sh what comes of it. ENDLESS allows any number of faults, not FAULTS at most.
 */

#ifndef FAULTS
#define FAULTS 3
#endif

#ifdef ENDLESS
#define FAULT true
#define SPEND skip
#else
byte faults = FAULTS;
#define FAULT (faults > 0)
#define SPEND faults--
#endif

/* Tampuuri */
#define NEW 0
#define ACCEPTED 1
#define IS_TEHTY 2
#define IS_VALMIS 3
byte tila = NEW;
byte mailedTehty, mailedValmis; /* since the notice was last opened by people */
bool reopened;

/* Toimenpiteet by text: time entry e in its version v has the text 2*e + v. */
#define ENTRIES 2
byte toimenpiteet[4];
#define SENT(e) (toimenpiteet[2*(e)] + toimenpiteet[2*(e)+1])

/* Hillava */
byte tasks;
bool keyKept;             /* Hillava remembers the key of the create; at least 24 hours */
bool edited[ENTRIES];     /* the version of each time entry */
#define DONE 0
#define INVOICED 1
bool emitted[2];
bool hook[2];             /* the webhook is to be delivered */
bool home;                /* the office has gone home */
bool touched;             /* the task has been changed since the reopening: reconciliation reads it */

/* Requests whose sender has given up on them, and that may yet be applied. */
#define CREATE 0
#define ACCEPT 1
#define TEHTY 2
#define VALMIS 3
#define ADD 4 /* + text */
byte flight[8];
#define QUIET (flight[ACCEPT] + flight[TEHTY] + flight[VALMIS] + flight[4] + flight[5] + flight[6] + flight[7] == 0)

/* Temporal and the state of the workflow */
mtype = { unstarted, running, closed, forgotten };
mtype life = unstarted;
#define STARTABLE (life == unstarted || life == forgotten)
bool listed, stale;       /* an old round of the poll has seen the notice open, without a run; it did so once */
bool terminated;
bool imported;            /* the reopened notice has been started anew, so the events so far are dealt with: by a person, or by
                             the poll when Temporal had forgotten it, as they are older than what Temporal keeps */
#ifdef FOUND_ONLY
bool aged;
#endif
#ifdef YOUNG
bool late[2];             /* events from after the end of a life */
#endif
bool haveTask, doneWanted, invoiceWanted, begun, planned;
bool invoicing, undecided; /* Työ valmis came while invoice was under way: a look decides */
bool taken[2];            /* events that this run has */
byte reported;            /* NEW, IS_TEHTY or IS_VALMIS */
byte plan[ENTRIES];       /* one bit per version that may have been sent */
#define STEP_CREATE 0
#define STEP_TEHTY 1
#define STEP_INVOICE 2
bool accepting, parked[3];

/* ---- What a request does when it is applied. All properties but the last are asserted here. ---- */

inline effect(op) {
	if
	:: op == CREATE ->
		if
#ifndef NEW_KEY
		:: keyKept -> skip /* the first answer again */
#endif
#ifndef NO_UNIQUE
#ifdef NEW_KEY
		:: tasks > 0 -> skip /* 409 */
#else
		:: !keyKept && tasks > 0 -> skip /* 409 */
#endif
#endif
		:: else -> tasks++; keyKept = true; assert(tasks <= 1) /* one task */
		fi
	:: op == ACCEPT ->
		assert(tila <= ACCEPTED); /* the state only moves forward */
		tila = ACCEPTED
	:: op == TEHTY ->
		if
		:: tila == IS_VALMIS -> skip /* 409 */
		:: else ->
			assert(emitted[DONE] && !reopened); /* a cause, and one of this round */
			assert(SENT(0) + SENT(1) == 0);     /* Tehty before the toimenpiteet, or never */
			tila = IS_TEHTY; mailedTehty++;
			assert(mailedTehty <= 1)
		fi
	:: op == VALMIS ->
		assert(emitted[INVOICED] && !reopened);
		assert(SENT(0) == 1 && SENT(1) == 1); /* every time entry has its toimenpide */
		tila = IS_VALMIS; mailedValmis++;
		assert(mailedValmis <= 1)
	:: op >= ADD ->
		if
		:: tila == IS_VALMIS -> skip /* 409 */
		:: else ->
			assert(emitted[INVOICED]);
			toimenpiteet[op - ADD]++;
			assert(SENT((op - ADD) / 2) <= 1) /* one toimenpide for a time entry */
		fi
	fi
}

/* ---- The environment: whatever happens by itself, one thing at a time. ---- */

#ifdef NO_EVENTS_AFTER
#define TAKES(k) true
#else
#ifdef YOUNG
#define TAKES(k) (!imported || late[k])
#else
#define TAKES(k) !imported
#endif
#endif

/* What the poll starts when Temporal has forgotten the life before; activities/create_task.go, foundEvents */
inline remember() {
	if
#ifndef NO_AGE_RULE
#ifdef FOUND_ONLY
	:: life == forgotten -> aged = true
#else
	:: life == forgotten -> imported = true
#endif
#endif
	:: else
	fi
}

inline deliver(k) { /* a signal; workflows/signals.go, request */
	if
	:: life == running && !taken[k] ->
		taken[k] = true;
		if
		:: k == INVOICED && TAKES(k) -> invoiceWanted = true
		:: k == DONE && TAKES(k) && reported == NEW && invoicing && !doneWanted -> undecided = true
		:: k == DONE && TAKES(k) && reported == NEW && !begun -> doneWanted = true
		:: else
		fi
	:: else
	fi
}

inline emit(k) {
	emitted[k] = true; hook[k] = true;
#ifdef YOUNG
	late[k] = (life == closed)
#endif
}

inline found_events() { /* a task that was there already brings its events; workflows/notice_steps.go, receiveFound */
	if
	:: emitted[DONE] -> found_event(DONE)
	:: else
	fi;
	if
	:: emitted[INVOICED] -> found_event(INVOICED)
	:: else
	fi
}

inline found_event(k) {
#ifdef FOUND_ONLY
	if
	:: aged -> taken[k] = true
	:: else -> deliver(k)
	fi
#else
	deliver(k)
#endif
}

inline forget() { /* a run is over: its state goes with it */
	haveTask = false; doneWanted = false; invoiceWanted = false; begun = false; planned = false; accepting = false;
	invoicing = false; undecided = false;
	taken[DONE] = false; taken[INVOICED] = false; reported = NEW; plan[0] = 0; plan[1] = 0;
	parked[STEP_CREATE] = false; parked[STEP_TEHTY] = false; parked[STEP_INVOICE] = false
}

inline replan() { /* workflows/notice_steps.go, invoice: of what is not sent yet Työ valmis goes first */
	planned = false; invoicing = false; begun = there[0] || there[1];
	if
	:: undecided && !begun -> doneWanted = true
	:: else
	fi;
	undecided = false
}

inline settled() { /* nothing can happen any more: is everything where it belongs? */
	assert(tasks == 1 && QUIET);
	assert(reopened || !emitted[INVOICED] || tila == IS_VALMIS);
	assert(reopened || !emitted[DONE] || tila >= IS_TEHTY);
	assert(tila == IS_VALMIS || (life == running && haveTask))
}

#define PARKED (parked[STEP_CREATE] || parked[STEP_TEHTY] || parked[STEP_INVOICE])

active proctype Environment() {
	byte k;
	do
	/* The office */
	:: atomic { !home && tasks > 0 && !emitted[DONE] -> emit(DONE) }
	:: atomic { !home && tasks > 0 && !emitted[INVOICED] -> emit(INVOICED) }
#ifndef LIFETIMES
	:: atomic { !home && tasks > 0 && !edited[0] -> edited[0] = true }
	:: atomic { !home && tasks > 0 && !edited[1] -> edited[1] = true }
#endif
	:: atomic { !home && tasks > 0 -> home = true }
	/* Webhooks: taken; taken, but the answer is lost, so it comes again; given up */
	:: atomic { hook[DONE] || hook[INVOICED] ->
		if :: hook[DONE] -> k = DONE :: hook[INVOICED] -> k = INVOICED fi;
		if
		:: deliver(k); hook[k] = false
		:: FAULT -> SPEND; deliver(k)
		:: FAULT -> SPEND; hook[k] = false
		fi; k = 0 }
#ifndef NO_RECONCILE
	/* Reconciliation reads the tasks that have changed; a later signal of the same event adds nothing */
	:: atomic { life == running && emitted[DONE] && !taken[DONE] && (!reopened || touched) -> deliver(DONE) }
	:: atomic { life == running && emitted[INVOICED] && !taken[INVOICED] && (!reopened || touched) -> deliver(INVOICED) }
#endif
	/* The poll: a round that starts what it sees, and one that has seen it earlier */
	:: atomic { STARTABLE && tila <= ACCEPTED -> remember(); life = running; accepting = (tila == NEW) }
#ifdef LIFETIMES
	:: atomic { STARTABLE && tila <= ACCEPTED && !stale -> listed = true; stale = true }
	:: atomic { listed -> listed = false;
		if
		:: STARTABLE -> remember(); life = running; accepting = (tila == NEW)
#ifdef NO_REJECT_DUPLICATE
		:: life == closed -> assert(false) /* what was invoiced is not started again but by people */
#endif
		:: else
		fi }
#endif
	/* The network: what was given up by its sender arrives after all, or does not */
	:: atomic { !QUIET || flight[CREATE] > 0 ->
		if
		:: flight[CREATE] > 0 -> k = CREATE
		:: flight[ACCEPT] > 0 -> k = ACCEPT
		:: flight[TEHTY] > 0 -> k = TEHTY
		:: flight[VALMIS] > 0 -> k = VALMIS
		:: flight[4] > 0 -> k = 4
		:: flight[5] > 0 -> k = 5
		:: flight[6] > 0 -> k = 6
		:: flight[7] > 0 -> k = 7
		fi;
		flight[k]--;
		if :: effect(k) :: true fi; k = 0 }
#ifndef NO_RESEND
	/* A person mends what was refused and resends; workflows/signals.go, resend */
	:: atomic { PARKED -> parked[STEP_CREATE] = false; parked[STEP_TEHTY] = false; parked[STEP_INVOICE] = false; planned = false }
#endif
#ifdef LIFETIMES
	/* A day passes: Hillava forgets the key. 90 days: Temporal forgets the run. People open the notice again. */
	:: atomic { keyKept && (haveTask || life == forgotten) && flight[CREATE] == 0 -> keyKept = false }
	:: atomic { life == closed && QUIET && flight[CREATE] == 0 && !hook[DONE] && !hook[INVOICED] && !listed && home ->
		life = forgotten; keyKept = false }
	:: atomic { tila == IS_VALMIS && (life == closed || life == forgotten) && !reopened && home && !hook[DONE] && !hook[INVOICED] ->
		reopened = true; tila = NEW; mailedTehty = 0; mailedValmis = 0 }
	:: atomic { life == closed && reopened && !listed -> life = running; imported = true; accepting = true }
	:: atomic { reopened && !touched -> touched = true }
#endif
	:: atomic { timeout -> settled(); break }
	od
}

/* ---- The workflow with the attempts of its activities ---- */

mtype = { ok, again, unknown, killed, outlived, refused, cutOff };
mtype outcome;

/* One HTTP request that writes. Whatever can befall it costs a fault, but success. */
#define GOES_OUT(op) (FAULT && flight[op] < 2)
bool applied;

inline write(op) {
	atomic {
		if
		:: outcome = ok; applied = true
		:: FAULT -> SPEND; outcome = again /* no connection, 429, 503; killed before it was sent; or too late in the attempt (*) */
		:: FAULT -> SPEND; outcome = unknown; applied = true      /* applied; then reset, hung, 500, HTML */
		:: FAULT -> SPEND; outcome = killed; applied = true       /* applied; the worker is gone */
		:: GOES_OUT(op) -> SPEND; outcome = unknown; flight[op]++ /* on its way as the client gives up */
		:: GOES_OUT(op) -> SPEND; outcome = killed; flight[op]++  /* on its way; the worker is gone */
		:: FAULT -> SPEND; outcome = refused                      /* for good */
#ifdef NO_TIME_LEFT
		:: GOES_OUT(op) -> SPEND; outcome = outlived; flight[op]++ /* (*) timeToWrite of internal/gateway would not have begun it */
#endif
#ifdef TERMINATED
		:: !terminated && op != CREATE -> terminated = true; outcome = cutOff; flight[op]++
#endif
		fi;
		if :: applied -> applied = false; effect(op) :: else fi
	}
}

/* What passes before the next attempt: the in-flight window, or the rest of StartToClose, which is not shorter. */
inline pause() {
	if
#ifdef EAGER_DECISION
	:: undecided /* the attempt is given up, and the look at once */
#endif
#ifndef EAGER_LOOK
	:: outcome == unknown -> QUIET
#endif
	:: outcome == killed -> QUIET
	:: else
	fi
}

#ifdef BLIND_RETRY
#define LOOK first
#else
#define LOOK true
#endif

#define FORGET_STEP first = false; found = false; there[0] = false; there[1] = false; now[0] = false; now[1] = false; \
	seen = 0; e = 0; outcome = 0

active proctype Workflow() {
	bool first, found, there[ENTRIES], now[ENTRIES];
	byte seen, e;
end_idle:
	life == running;
next:
end_next: /* waiting for a signal is no fault; settled() says whether it is right */
	if
	:: !haveTask && !parked[STEP_CREATE] -> goto create
	:: haveTask && accepting && !doneWanted && !invoiceWanted -> goto accept
	:: haveTask && doneWanted && reported == NEW &&
#ifndef LATE_TEHTY
		!begun &&
#endif
		!parked[STEP_TEHTY] -> goto tehty
	:: haveTask && invoiceWanted && !parked[STEP_INVOICE] && !(doneWanted && reported == NEW && !begun && !parked[STEP_TEHTY]) -> goto invoice
	fi;

create: /* activities.CreateTask */
	do
	:: atomic {
#ifdef NO_LOOKUP
		found = false
#else
		found = (tasks > 0)
#endif
		}
		if :: found -> outcome = ok :: else -> write(CREATE) fi;
		if
		:: outcome == ok -> atomic {
			haveTask = true;
			if :: found -> found_events() :: else fi;
			break }
		:: outcome == refused -> atomic { parked[STEP_CREATE] = true; break }
		:: else /* nothing to wait for: the key makes a second create harmless */
		fi
	od;
	goto reset;

accept: /* activities.SetState, any open state */
	first = true;
	do
	:: atomic { if :: LOOK -> seen = tila :: else fi };
		if :: seen != NEW -> outcome = ok :: else -> write(ACCEPT) fi;
		if
		:: outcome == ok || outcome == refused -> atomic { accepting = false; break }
		:: outcome == cutOff -> goto cut
		:: else -> pause(); first = false
		fi
	od;
	goto reset;

tehty: /* activities.SetState, Tehty */
	first = true;
	do
	:: atomic { if :: LOOK -> seen = tila :: else fi };
		if :: seen >= IS_TEHTY -> outcome = ok :: else -> write(TEHTY) fi;
		if
		:: outcome == ok -> atomic { reported = IS_TEHTY; accepting = false; break }
		:: outcome == refused -> atomic { parked[STEP_TEHTY] = true; break }
		:: outcome == cutOff -> goto cut
		:: else -> pause(); first = false
		fi
	od;
	goto reset;

invoice: /* activities.PlanToimenpiteet puts into history what may be sent; activities.ReportInvoiced sends it */
	atomic {
		if
		:: !planned -> plan[0] = plan[0] | (1 << edited[0]); plan[1] = plan[1] | (1 << edited[1]); planned = true
		:: else
		fi;
		begun = true; invoicing = true; first = true
	}
	do
	:: atomic { /* look */
		if
		:: LOOK ->
			seen = tila;
#ifdef NO_PLAN
			there[0] = (toimenpiteet[edited[0]] > 0); there[1] = (toimenpiteet[2 + edited[1]] > 0)
#else
			there[0] = ((toimenpiteet[0] > 0 && (plan[0] & 1)) || (toimenpiteet[1] > 0 && (plan[0] & 2)));
			there[1] = ((toimenpiteet[2] > 0 && (plan[1] & 1)) || (toimenpiteet[3] > 0 && (plan[1] & 2)))
#endif
		:: else
		fi };
		if :: seen == IS_VALMIS -> goto finished :: else fi;
		atomic { /* the time entries as they are now: what is not planned is planned first; Työ valmis goes before */
			now[0] = edited[0]; now[1] = edited[1];
			if
			:: undecided -> replan(); goto reset
#ifndef NO_PLAN
			:: !undecided && (!(plan[0] & (1 << now[0])) || !(plan[1] & (1 << now[1]))) -> replan(); goto reset
#endif
			:: else
			fi
		}
		e = 0; outcome = ok;
		do
		:: e < ENTRIES && outcome == ok ->
			if
			:: there[e] -> skip
			:: else ->
				write(ADD + 2*e + now[e]);
				if :: outcome == ok -> there[e] = true :: else fi
			fi;
			e++
		:: else -> break
		od;
		if :: outcome == ok -> write(VALMIS) :: else fi;
		if
		:: outcome == ok -> goto finished
		:: outcome == refused -> atomic { parked[STEP_INVOICE] = true; invoicing = false; undecided = false; break }
		:: outcome == cutOff -> goto cut
		:: else -> pause(); first = false
		fi
	od;

reset: /* what is no longer needed makes no states of its own */
	atomic { FORGET_STEP; goto next }

finished:
	atomic { forget(); life = closed; FORGET_STEP; goto end_idle }

cut: /* terminated by hand: the poll starts the same id again */
	atomic { forget(); life = unstarted; FORGET_STEP; goto end_idle }
}
