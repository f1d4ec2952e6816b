package stack

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
	"tampuuri-hillava/sandbox/web"
)

// Customer is one customer of the company: its account in Tampuuri, itself in Hillava, its entry in customers.yaml.
type Customer struct {
	Tunniste   string
	Name       string
	Performers []int64 // our TyonsuorittajaYritysId values in its Tampuuri
	StartDate  string  // YYYY-MM-DD; "" = before the shared notices
	// Entry is merged into its entry of customers.yaml, key by key at the top level; a nil value removes the key.
	Entry     map[string]any
	NoAccount bool // its Tampuuri account does not exist: every call is answered 401
	NoHillava bool // Hillava has no such customer
	NoEntry   bool // customers.yaml has no such entry
}

// DefaultCustomers are the two customers of the shared notices.
func DefaultCustomers() []Customer {
	return []Customer{
		{Tunniste: "esimerkki", Name: "Esimerkki Isännöinti Oy", Performers: []int64{4711}},
		{Tunniste: "toinen", Name: "Toinen Isännöinti Oy", Performers: []int64{120}},
	}
}

// defaultStart is before the first notice that is to be imported and after the one that is not.
const defaultStart = "2026-01-01"

func (c Customer) account(secrets map[string]string) tampuuri.Account {
	return tampuuri.Account{
		Tunniste: c.Tunniste, Avain: secrets["avain"], Asiakas: c.Name, Tili: "integraatio-" + c.Tunniste,
		Kayttajatunnus: "hillava-" + c.Tunniste, Salasana: secrets["salasana"], OurPerformers: c.Performers,
	}
}

// entry is the customer's part of customers.yaml.
func (c Customer) entry() map[string]any {
	start := c.StartDate
	if start == "" {
		start = defaultStart
	}
	account := c.account(nil)
	entry := map[string]any{
		"tunniste":      c.Tunniste,
		"name":          c.Name,
		"consent":       map[string]any{"reference": "Sandbox consent of " + c.Tunniste, "date": "2026-01-15", "recorded_by": "sandbox"},
		"start_date":    start,
		"performer_ids": c.Performers,
		"credentials": map[string]any{
			"avain_file": secretName(c, "avain"), "asiakas": account.Asiakas, "tili": account.Tili,
			"kayttajatunnus": account.Kayttajatunnus, "salasana_file": secretName(c, "salasana"),
		},
	}
	for key, value := range c.Entry {
		if value == nil {
			delete(entry, key)
			continue
		}
		entry[key] = value
	}
	return entry
}

// WriteCustomers writes customers.yaml anew; the running service reads it at its next sync. Accounts and Hillava
// customers stay as they are.
func (s *Stack) WriteCustomers(customers []Customer) error {
	entries := []map[string]any{}
	for _, c := range customers {
		if _, err := s.customerSecrets(c); err != nil {
			return err
		}
		if !c.NoEntry {
			entries = append(entries, c.entry())
		}
	}
	text, err := yaml.Marshal(map[string]any{"customers": entries})
	if err != nil {
		return fmt.Errorf("write customers.yaml: %w", err)
	}
	return replaceFile(s.CustomersFile, text)
}

// customerSecrets makes the secret files of a customer, once.
func (s *Stack) customerSecrets(c Customer) (map[string]string, error) {
	secrets := map[string]string{}
	for _, name := range []string{"avain", "salasana"} {
		value, err := keepSecret(filepath.Join(filepath.Dir(s.CustomersFile), secretName(c, name)), func() string { return hex.EncodeToString(random(16)) })
		if err != nil {
			return nil, err
		}
		secrets[name] = value
	}
	return secrets, nil
}

// addCustomers makes the customers known to both stand-ins.
func (s *Stack) addCustomers(customers []Customer) error {
	for _, c := range customers {
		secrets, err := s.customerSecrets(c)
		if err != nil {
			return err
		}
		if !c.NoAccount {
			if err := s.Tampuuri.AddAccount(c.account(secrets)); err != nil {
				return fmt.Errorf("open the Tampuuri account of %s: %w", c.Tunniste, err)
			}
		}
		if c.NoHillava {
			continue
		}
		id, err := s.Hillava.AddCustomer(hillava.Customer{Name: c.Name, ExternalID: c.Tunniste, IntegrationsActive: true})
		if err != nil {
			return fmt.Errorf("add customer %s to Hillava: %w", c.Tunniste, err)
		}
		s.HillavaCustomers[c.Tunniste] = id
	}
	return nil
}

// newCustomer makes a customer in both systems, whose entry in customers.yaml a person has yet to write.
func (s *Stack) newCustomer(tunniste, name string) (web.Customer, string, error) {
	c := Customer{Tunniste: tunniste, Name: name, Performers: []int64{newPerformer}, StartDate: time.Now().Format(time.DateOnly)}
	if err := s.addCustomers([]Customer{c}); err != nil {
		return web.Customer{}, "", err
	}
	property := tampuuri.Property{ID: 1, Nimi: "Asunto Oy Uusikoti 1", Katuosoite: "Uusitie 1", Postinumero: "00100", Postitoimipaikka: "Helsinki"}
	if err := s.Tampuuri.AddProperty(tunniste, property); err != nil {
		return web.Customer{}, "", err
	}
	text, err := yaml.Marshal([]map[string]any{c.entry()})
	if err != nil {
		return web.Customer{}, "", fmt.Errorf("write the entry of %s: %w", tunniste, err)
	}
	made := s.onPage(c)
	made.Properties = []tampuuri.Property{property}
	return made, string(text), nil
}

// newPerformer is our TyonsuorittajaYritysId in the Tampuuri of a customer that is made on the page.
const newPerformer = 8001

// secretName is relative to the folder of customers.yaml. The Tunniste may be one that makes no file name, in a test.
func secretName(c Customer, name string) string {
	return filepath.Join("secrets", url.PathEscape(c.Tunniste)+"-"+name)
}

// keepSecret returns the secret in that file, made with create when there is no file yet. Only the owner can read it.
func keepSecret(path string, create func() string) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		return string(text), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read a secret of the sandbox: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("make the folder of the sandbox's secrets: %w", err)
	}
	value := create()
	return value, replaceFile(path, []byte(value))
}

// replaceFile writes a file that only the owner can read; a reader sees the old text or the new one, never a part.
func replaceFile(path string, text []byte) error {
	unfinished := path + ".new"
	if err := os.WriteFile(unfinished, text, 0o600); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := os.Rename(unfinished, path); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}

func random(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails: crypto/rand ends the program instead
	return bytes
}

// newWebhookSecret makes a secret in the form of Standard Webhooks.
func newWebhookSecret() string { return "whsec_" + base64.StdEncoding.EncodeToString(random(32)) }
