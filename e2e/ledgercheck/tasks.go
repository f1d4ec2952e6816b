package main

import (
	"regexp"
	"slices"
	"strconv"
	"time"
	_ "time/tzdata" // the program also runs where the system has no zone files
)

// tasksOfAll looks at every task: that each notice has one, and that it is that notice's.
func (c *check) tasksOfAll() {
	byExternal := map[string][]*notice{}
	for _, n := range c.notices {
		byExternal[n.external] = append(byExternal[n.external], n)
	}
	living := map[string]*task{}
	for _, t := range c.tasks {
		n := t.owner
		if t.external != "" {
			if other := living[t.external]; other != nil && (other.deleted == nil || other.deleted.seq > t.seq) {
				c.find(TaskTwice, n, t, []int64{other.seq, t.seq}, "%s has the same external id already", other.id)
			}
			living[t.external] = t
		}
		if t.api {
			c.madeByUs(t, n, byExternal[t.external])
		}
	}
	for _, one := range c.refused {
		if t := c.taskOf[one.Detail.TaskID]; t != nil && t.api {
			c.find(TaskLookUp, t.owner, t, []int64{t.seq, one.Seq}, "the task was created once more, with another key or after its key was forgotten: nobody had looked for it")
		}
	}
}

// madeByUs judges a task that came over the interface.
func (c *check) madeByUs(t *task, n *notice, sharing []*notice) {
	seqs := []int64{t.seq}
	if t.key != "create-"+t.external {
		c.find(TaskKey, n, t, seqs, "its Idempotency-Key is not create-<externalId>")
	}
	if t.delivery != t.billing {
		c.find(TaskCustomer, n, t, seqs, "the delivery customer is not the billing customer")
	}
	if n == nil {
		if len(sharing) > 0 {
			c.find(TaskCustomer, sharing[0], t, seqs, "another customer than the notice's pays for it")
			return
		}
		c.find(TaskID, nil, t, seqs, "its external id is no notice's")
		return
	}
	if !slices.ContainsFunc(n.standing, func(s standing) bool { return s.seq < t.seq && s.open() }) {
		c.find(Cause, n, t, seqs, "a task was made of a notice that was not ours and open at any time before")
	}
	if start := c.startOf(n.customer); !start.IsZero() {
		if made, known := readTime(n.made); known && made.Before(start) {
			c.find(TaskTooOld, n, t, seqs, "the notice was made before the customer's start date")
		}
	}
	if other := c.namedBy(t, n); other != nil {
		c.find(TaskReference, n, t, seqs, "its billing reference names notice %s", other)
	}
}

var wholeNumber = regexp.MustCompile(`\d+`)

// namedBy is another notice of the customer whose number the billing reference carries instead of this one's. A
// template may leave the number out, so a reference without any notice's number says nothing.
func (c *check) namedBy(t *task, n *notice) *notice {
	var other *notice
	for _, digits := range wholeNumber.FindAllString(t.reference, -1) {
		id, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			continue
		}
		if id == n.id {
			return nil
		}
		if named := c.noticeOf[noticeID{n.customer, id}]; named != nil {
			other = named
		}
	}
	return other
}

// missingTask: a notice that is ours and open now, at a customer that is in order, has a task, or has had one that the
// office deleted.
func (c *check) missingTask(n *notice) {
	if !n.now().open() || len(n.tasks) > 0 || !c.polled(n.customer) {
		return
	}
	made, known := readTime(n.made)
	if start := c.startOf(n.customer); !start.IsZero() && (!known || made.Before(start)) {
		return
	}
	for _, t := range c.tasks {
		if t.external == n.external {
			return // another notice's, or the office's own for another customer: the service leaves it to people
		}
	}
	c.find(TaskMissing, n, nil, []int64{n.now().seq}, "the notice is ours and open, and no task was made of it")
}

// polled tells whether exactly one customer in Hillava, with integrations active, has the Tunniste.
func (c *check) polled(tunniste string) bool {
	count, active := 0, false
	for _, known := range c.customers {
		if known.tunniste == tunniste {
			count++
			active = known.active
		}
	}
	return count == 1 && active
}

// readTime reads the times of Tampuuri: RFC 3339, the same without an offset in Finnish time, or a date.
func readTime(s string) (time.Time, bool) {
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at, true
	}
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	if err != nil {
		return time.Time{}, false
	}
	for _, layout := range []string{"2006-01-02T15:04:05", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, s, helsinki); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
