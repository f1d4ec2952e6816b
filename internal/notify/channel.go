package notify

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"tampuuri-hillava/internal/speech"
)

// Channel is one way to people.
type Channel struct {
	Name string // for logs: its number and service
	ID   string // keyed hash of its address
	send func(message string, params types.Params) error
	// titled says that the service has a place of its own for the subject.
	titled bool
}

// titled are the services that have a place of their own for a subject. Zulip's is a topic of 60 characters, which its
// address sets.
var titled = []string{
	"bark", "discord", "generic", "gotify", "ifttt", "join", "lark", "matrix", "mattermost", "ntfy", "opsgenie", "pushbullet",
	"pushover", "slack", "smtp", "teams", "telegram",
}

// Open makes the channels of the addresses; digest makes a keyed hash of one. An error names the number of each address that
// is wrong and never shows it.
func Open(addresses []string, digest func(address string) string, patience time.Duration) ([]Channel, error) {
	var channels []Channel
	var wrong []error
	for i, address := range addresses {
		channel, err := open(address, patience)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("NOTIFY_URLS: number %d of them %w", i+1, err))
			continue
		}
		channel.Name, channel.ID = fmt.Sprintf("%d (%s)", i+1, channel.Name), digest(address)
		channels = append(channels, channel)
	}
	return channels, errors.Join(wrong...)
}

func open(address string, patience time.Duration) (Channel, error) {
	parsed, err := url.Parse(address)
	if err != nil {
		return Channel{}, errors.New("is not an address") // the error quotes it
	}
	senders := &router.ServiceRouter{} // without a logger: services write addresses and answers into it
	name, _, _ := strings.Cut(parsed.Scheme, "+")
	switch {
	case !slices.Contains(senders.ListServices(), name):
		return Channel{}, fmt.Errorf("names no service; there are %s", strings.Join(services(senders), ", "))
	case name == "logger":
		return Channel{}, errors.New("is of the service logger, which tells nobody; name another")
	}
	service, err := senders.Locate(address)
	if err != nil {
		return Channel{}, fmt.Errorf("is not as the service %s needs it; see its page in shoutrrr's documentation", name)
	}
	return Channel{Name: name, titled: slices.Contains(titled, name), send: oneAtATime(service, patience)}, nil
}

var (
	errNoAnswer = errors.New("timed out")
	errBusy     = errors.New("timed out before, and that try has not ended")
)

// oneAtATime sends through a service and waits for at most patience. Services know no context and some no time limit, so a
// try may go on; until it has ended no other one begins, or a server that only listens would gather them.
func oneAtATime(service types.Service, patience time.Duration) func(string, types.Params) error {
	busy := make(chan struct{}, 1)
	return func(message string, params types.Params) error {
		select {
		case busy <- struct{}{}:
		default:
			return errBusy
		}
		sent := make(chan error, 1)
		go func() {
			err := service.Send(message, &params)
			<-busy // before anybody knows that it has ended, and sends the next one
			sent <- err
		}()
		select {
		case err := <-sent:
			return err
		case <-time.After(patience):
			return errNoAnswer
		}
	}
}

func services(senders *router.ServiceRouter) []string {
	names := slices.DeleteFunc(senders.ListServices(), func(name string) bool { return name == "logger" })
	slices.Sort(names)
	return names
}

// subjectPrefix tells a person who gets messages of several programs whose this is.
const subjectPrefix = "tampuuri-hillava: "

// Send sends a message. After an error it may have arrived all the same. The error is a sentence of ours: a service's own may
// hold the address.
func (c Channel) Send(message Message, in speech.Language) error {
	subject, body, params := subjectPrefix+message.Subject.In(in), message.Body.In(in)+"\n", types.Params{}
	if c.titled {
		params.SetTitle(subject)
	} else {
		body = subject + "\n\n" + body
	}
	return inOurWords(c.send(body, params))
}

// symptoms are what is looked for in the text of a service's error, and what is said of it.
var symptoms = []struct{ in, say string }{
	{"timed out", "no answer in time"},
	{"timeout", "no answer in time"},
	{"deadline exceeded", "no answer in time"},
	{"connection refused", "the connection was refused"},
	{"no such host", "its host's name is not known"},
	{"certificate", "its certificate is not trusted"},
	{"StartTLS", "it does not do StartTLS"},
	{"authenticat", "the log-in was refused"},
}

// inOurWords says why a channel failed without a word of the service's own.
func inOurWords(err error) error {
	if err == nil {
		return nil
	}
	said := err.Error()
	for status := http.StatusBadRequest; status < 600; status++ {
		if words := http.StatusText(status); words != "" && strings.Contains(said, fmt.Sprintf("%d %s", status, words)) {
			return fmt.Errorf("it answered %d %s", status, words)
		}
	}
	for _, symptom := range symptoms {
		if strings.Contains(said, symptom.in) {
			return errors.New(symptom.say)
		}
	}
	return errors.New("the service refused it or could not be reached")
}
