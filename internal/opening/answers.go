package opening

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/credential"
	"tampuuri-hillava/internal/customersfile"
	"tampuuri-hillava/internal/notice"
	"tampuuri-hillava/internal/terminal"
)

// question is one thing that an entry must have.
type question struct {
	key, flag, text string // of the entry, of the command line, for a person
	read            func(text string) (any, error)
	lacks           func(config.Customer) bool
	file            bool // may be named as a file instead, by the flag with -file
	secret          bool // never on a command line
}

// questions are in the order in which they are asked, and in which a new entry has them.
var questions = []question{
	{key: "name", flag: "name", text: "name, as it is in Hillava", read: anyText, lacks: func(c config.Customer) bool { return c.Name == "" }},
	{key: "consent.reference", flag: "consent-reference", text: "written consent: which document", read: anyText, lacks: func(c config.Customer) bool { return c.Consent.Reference == "" }},
	{key: "consent.date", flag: "consent-date", text: "written consent: of which day, like 2026-01-15", read: pastDay, lacks: func(c config.Customer) bool { return c.Consent.Date.IsZero() }},
	{key: "start_date", flag: "start-date", text: "first day whose notices are imported", read: day, lacks: func(c config.Customer) bool { return c.StartDate.IsZero() }},
	{key: "performer_ids", flag: "performer", text: "our TyonsuorittajaYritysId in this Tampuuri, several with commas", read: performers, lacks: func(c config.Customer) bool { return len(c.PerformerIDs) == 0 }},
	{key: "credentials.asiakas", flag: "asiakas", text: "Tampuuri: asiakas", file: true, read: sendable, lacks: func(c config.Customer) bool { return c.Credentials.Asiakas.Empty() }},
	{key: "credentials.tili", flag: "tili", text: "Tampuuri: tili", file: true, read: sendable, lacks: func(c config.Customer) bool { return c.Credentials.Tili.Empty() }},
	{key: "credentials.kayttajatunnus", flag: "kayttajatunnus", text: "Tampuuri: kayttajatunnus", file: true, read: sendable, lacks: func(c config.Customer) bool { return c.Credentials.Kayttajatunnus.Empty() }},
	{key: "credentials.avain", flag: "avain", text: "Tampuuri: avain", file: true, secret: true, read: sendable, lacks: func(c config.Customer) bool { return c.Credentials.Avain.Empty() }},
	{key: "credentials.salasana", flag: "salasana", text: "Tampuuri: salasana", file: true, secret: true, read: sendable, lacks: func(c config.Customer) bool { return c.Credentials.Salasana.Empty() }},
}

// smallPoll is poll.max_new of a new customer: what one poll of a mistaken entry costs.
const smallPoll = 5

// Answers are what the command line says.
type Answers struct {
	flags  *pflag.FlagSet
	maxNew *int64
	Renew  bool // ask for avain and salasana again
	DryRun bool // end after the preview
	First  bool // end after the first round
	Yes    bool // begin without asking
}

// Flags defines the flags of an opening.
func Flags(flags *pflag.FlagSet) *Answers {
	a := &Answers{flags: flags}
	for _, q := range questions {
		if !q.secret {
			flags.String(q.flag, "", q.text)
		}
		if q.file {
			flags.String(q.flag+"-file", "", "`file` that holds "+q.flag+", as the entry shall name it")
		}
	}
	a.maxNew = flags.Int64("max-new", smallPoll, "poll.max_new, the most new tasks of one poll; an entry that exists keeps its own unless this is given")
	flags.BoolVar(&a.Renew, "new-secrets", false, "ask for avain and salasana again")
	flags.BoolVar(&a.DryRun, "dry-run", false, "end after the dry run; nothing is imported")
	flags.BoolVar(&a.First, "first-only", false, "end after the first poll; the worker goes on by itself")
	flags.BoolVar(&a.Yes, "yes", false, "begin the import without asking")
	return a
}

// collected is what shall be written.
type collected struct {
	values  []customersfile.Value
	secrets map[string]string // by path, relative to the folder of customers.yaml
}

// collect puts together what the flags say and what a person is asked for. Where nobody can be asked, all that is missing
// is named at once, and nothing has been written.
func (a *Answers) collect(ctx context.Context, out terminal.Output, customer config.Customer, tunniste string, proposed map[string]string) (collected, error) {
	c := collected{secrets: map[string]string{}}
	var wrong []string
	for _, q := range questions {
		switch value, file := a.text(q.flag), a.text(q.flag+"-file"); {
		case value != "" && file != "":
			wrong = append(wrong, fmt.Sprintf("--%s and --%s-file are both given; give one of them", q.flag, q.flag))
		case file != "":
			c.name(q, file)
		case value != "":
			read, err := q.read(value)
			if err != nil {
				wrong = append(wrong, fmt.Sprintf("--%s %v", q.flag, err))
			}
			c.put(q, read)
		case !q.lacks(customer) && !(q.secret && a.Renew):
		case out.Stdin == nil:
			wrong = append(wrong, q.missing())
		case len(wrong) == 0:
			if err := c.ask(ctx, out, q, tunniste, proposed[q.key]); err != nil {
				return c, err
			}
		}
	}
	switch {
	case *a.maxNew < 1:
		wrong = append(wrong, "--max-new must be above zero")
	case a.flags.Changed("max-new") || customer.Name == "" && c.has("name"):
		c.values = append(c.values, customersfile.Value{Key: "poll.max_new", Is: *a.maxNew})
	}
	if out.Stdin == nil && !a.Yes && !a.DryRun {
		wrong = append(wrong, "--yes begins the import, --dry-run only shows it; one of them is needed where nobody can be asked")
	}
	if len(wrong) > 0 {
		return c, terminal.NobodyToAsk("nothing was written:\n  " + strings.Join(wrong, "\n  "))
	}
	return c, nil
}

// text is what a flag gives; "" of one that a question has not got.
func (a *Answers) text(flag string) string {
	given, _ := a.flags.GetString(flag)
	return strings.TrimSpace(given)
}

// missing names what a script has to give.
func (q question) missing() string {
	switch {
	case q.secret:
		return fmt.Sprintf("--%s-file is missing: a file that holds it", q.flag)
	case q.file:
		return fmt.Sprintf("--%s, or --%s-file, is missing", q.flag, q.flag)
	default:
		return fmt.Sprintf("--%s is missing: %s", q.flag, q.text)
	}
}

// ask asks until the answer can be used.
func (c *collected) ask(ctx context.Context, out terminal.Output, q question, tunniste, proposed string) error {
	for {
		var answer string
		var err error
		if q.secret {
			answer, err = out.AskSecret(ctx, q.text)
		} else {
			answer, err = out.Ask(ctx, q.text, proposed)
		}
		if err != nil {
			return refused("broken off, and nothing was written: %w", err)
		}
		value, err := q.read(answer)
		if err != nil {
			out.Note("it %v", err)
			continue
		}
		if !q.secret {
			c.put(q, value)
			return nil
		}
		path := filepath.Join(secretFolder(tunniste), q.flag)
		c.secrets[path] = answer
		c.name(q, filepath.ToSlash(path))
		return nil
	}
}

// put sets a value, and takes out the file that was named instead.
func (c *collected) put(q question, value any) {
	c.values = append(c.values, customersfile.Value{Key: q.key, Is: value})
	if q.file {
		c.values = append(c.values, customersfile.Value{Key: q.key + "_file"})
	}
}

// name names a file that holds the value.
func (c *collected) name(q question, file string) {
	c.values = append(c.values, customersfile.Value{Key: q.key}, customersfile.Value{Key: q.key + "_file", Is: file})
}

// has tells whether a key is among the values.
func (c *collected) has(key string) bool {
	return slices.ContainsFunc(c.values, func(v customersfile.Value) bool { return v.Key == key || strings.HasPrefix(v.Key, key+".") })
}

// keys are the names of what is written, for the audit trail.
func (c *collected) keys() []string {
	keys := []string{}
	for _, value := range c.values {
		if value.Is != nil {
			keys = append(keys, value.Key)
		}
	}
	return keys
}

// secretFolder is the customer's, beside customers.yaml. A Tunniste of dots alone would lead elsewhere.
func secretFolder(tunniste string) string {
	if strings.Trim(tunniste, ".") == "" {
		return "tunniste-" + tunniste
	}
	return tunniste
}

func anyText(text string) (any, error) {
	if text = strings.TrimSpace(text); text == "" {
		return nil, errors.New("is needed")
	}
	return text, nil
}

func sendable(text string) (any, error) {
	if text == "" {
		return nil, errors.New("is needed")
	}
	return text, credential.Check(text)
}

func day(text string) (any, error) {
	at, err := time.ParseInLocation(time.DateOnly, strings.TrimSpace(text), notice.Helsinki())
	if err != nil {
		return nil, errors.New("is a day, like 2026-01-15")
	}
	return at, nil
}

// pastDay is a day that has begun: nobody has consented tomorrow.
func pastDay(text string) (any, error) {
	read, err := day(text)
	if at, ok := read.(time.Time); ok && at.After(time.Now()) {
		return nil, errors.New("is in the future")
	}
	return read, err
}

func performers(text string) (any, error) {
	var ids []int64
	for _, one := range strings.Split(text, ",") {
		id, err := strconv.ParseInt(strings.TrimSpace(one), 10, 64)
		if err != nil || id <= 0 {
			return nil, errors.New("is a number, or several with commas, like 4711")
		}
		ids = append(ids, id)
	}
	return ids, nil
}
