package stack

import (
	"context"
	"fmt"

	"tampuuri-hillava/sandbox/seed"
	"tampuuri-hillava/sandbox/tampuuri"
)

// propertiesOf are the shared properties of a customer; one that the shared data does not know gets those of the first.
func (s *Stack) propertiesOf(tunniste string) []tampuuri.Property {
	if own := s.properties[tunniste]; own != nil {
		return own
	}
	return s.properties[seed.Esimerkki]
}

// loadNotices gives each account its properties, and with Options.Seed the shared notices.
func (s *Stack) loadNotices(context.Context) error {
	properties, err := seed.Properties()
	if err != nil {
		return err
	}
	s.properties = properties
	accounts := map[string]bool{}
	for _, c := range s.Customers {
		if c.NoAccount {
			continue
		}
		accounts[c.Tunniste] = true
		for _, property := range s.propertiesOf(c.Tunniste) {
			if err := s.Tampuuri.AddProperty(c.Tunniste, property); err != nil {
				return fmt.Errorf("load the properties of %s: %w", c.Tunniste, err)
			}
		}
	}
	if !s.options.Seed {
		return nil
	}
	notices, err := seed.Notices()
	if err != nil {
		return err
	}
	for _, fields := range notices {
		tunniste, given := fields["_customer"].(string)
		if !given {
			tunniste = seed.Esimerkki
		}
		if !accounts[tunniste] {
			continue
		}
		if _, err := s.Tampuuri.AddNotice(tunniste, fields); err != nil {
			return fmt.Errorf("load the shared notices: %w", err)
		}
	}
	return nil
}
