package customers

import (
	"context"
	"errors"
	"fmt"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
)

// Known is what the list is made of beside Temporal. A Hillava that cannot be asked is no fault of the list: names then
// come from customers.yaml, and note says why. The error is for a customers.yaml that cannot be read; names are given with it.
func Known(ctx context.Context, settings config.Tools) (entries []config.Customer, names []hillava.Customer, note string, unreadable error) {
	entries, unreadable = config.LoadCustomers(settings.CustomersFile, settings.CustomerDefaults())
	client, err := OpenHillava(settings)
	if err != nil {
		return entries, nil, "", unreadable // not set here: that is usual on an operator's machine
	}
	defer client.Close()
	if names, err = client.Customers(ctx); err != nil {
		return entries, nil, fmt.Sprintf("names are from customers.yaml, as Hillava could not be asked: %v", err), unreadable
	}
	return entries, names, "", unreadable
}

// OpenHillava makes a client of Hillava, when its address and token are set.
func OpenHillava(settings config.Tools) (*hillava.Client, error) {
	if settings.HillavaURL == "" || settings.HillavaToken.Empty() {
		return nil, errors.New("HILLAVA_URL or HILLAVA_TOKEN is not set; set both")
	}
	return hillava.New(hillava.Config{
		BaseURL: settings.HillavaURL, Token: settings.TokenSource(), Timeout: settings.HillavaTimeout, AllowInsecureHTTP: settings.AllowInsecureHTTP,
	})
}
