// Package seed fills the stand-ins with the examples that the project is tried with: invented notices and properties of
// two customers, with the irregularities that Tampuuri's read interface is known to have.
package seed

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"

	"tampuuri-hillava/sandbox/hillava"
	"tampuuri-hillava/sandbox/tampuuri"
)

var (
	//go:embed ilmoitukset.json
	notices []byte
	//go:embed kohteet.json
	properties []byte
)

// Tunniste values of the two customers.
const (
	Esimerkki = "esimerkki"
	Toinen    = "toinen"
)

// Accounts returns the Tampuuri accounts of the two customers. Their header values are made up and open no other door.
func Accounts() []tampuuri.Account {
	return []tampuuri.Account{
		{
			Tunniste: Esimerkki, Avain: "sandbox-avain-esimerkki", Asiakas: "Esimerkki Isännöinti Oy", Tili: "esimerkki",
			Kayttajatunnus: "integraatio", Salasana: "sandbox-salasana-esimerkki", OurPerformers: []int64{4711},
		},
		{
			Tunniste: Toinen, Avain: "sandbox-avain-toinen", Asiakas: "Toinen Isännöinti Oy", Tili: "toinen",
			Kayttajatunnus: "integraatio", Salasana: "sandbox-salasana-toinen", OurPerformers: []int64{120},
		},
	}
}

// Customers returns the two customers as Hillava has them.
func Customers() []hillava.Customer {
	return []hillava.Customer{
		{ID: "C-1", Name: "Esimerkki Isännöinti Oy", ExternalID: Esimerkki, IntegrationsActive: true},
		{ID: "C-2", Name: "Toinen Isännöinti Oy", ExternalID: Toinen, IntegrationsActive: true},
	}
}

// Load adds both accounts, their properties and the eleven notices.
func Load(t *tampuuri.Server) error {
	if err := LoadAccounts(t); err != nil {
		return err
	}
	all, err := Notices()
	if err != nil {
		return err
	}
	for _, fields := range all {
		if _, err := t.AddNotice(customerOf(fields), fields); err != nil {
			return fmt.Errorf("load the seed's notices: %w", err)
		}
	}
	return nil
}

// LoadAccounts adds both accounts with their properties, and no notices.
func LoadAccounts(t *tampuuri.Server) error {
	for _, account := range Accounts() {
		if err := t.AddAccount(account); err != nil {
			return fmt.Errorf("load the seed's accounts: %w", err)
		}
	}
	all, err := Properties()
	if err != nil {
		return err
	}
	for tunniste, properties := range all {
		for _, property := range properties {
			if err := t.AddProperty(tunniste, property); err != nil {
				return fmt.Errorf("load the seed's properties: %w", err)
			}
		}
	}
	return nil
}

// Properties returns the properties of each customer by Tunniste.
func Properties() (map[string][]tampuuri.Property, error) {
	var all []struct {
		tampuuri.Property
		Customer string `json:"_customer"`
	}
	if err := json.Unmarshal(properties, &all); err != nil {
		return nil, fmt.Errorf("read the seed's properties: %w", err)
	}
	byCustomer := map[string][]tampuuri.Property{}
	for _, property := range all {
		tunniste := property.Customer
		if tunniste == "" {
			tunniste = Esimerkki
		}
		byCustomer[tunniste] = append(byCustomer[tunniste], property.Property)
	}
	return byCustomer, nil
}

// LoadHillava adds both customers, the default task type and the default process.
func LoadHillava(h *hillava.Server) error {
	h.SetProcess(hillava.DefaultProcess())
	h.SetTaskType(hillava.DefaultTaskType())
	for _, customer := range Customers() {
		if _, err := h.AddCustomer(customer); err != nil {
			return fmt.Errorf("load the seed's customers: %w", err)
		}
	}
	return nil
}

// Notices returns the eleven notices as wire fields. The names _case and _customer (absent: Esimerkki) are notes.
func Notices() ([]map[string]any, error) {
	decoder := json.NewDecoder(bytes.NewReader(notices))
	decoder.UseNumber()
	var all []map[string]any
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("read the seed's notices: %w", err)
	}
	return all, nil
}

func customerOf(fields map[string]any) string {
	if tunniste, given := fields["_customer"].(string); given {
		return tunniste
	}
	return Esimerkki
}
