package customers

import (
	"context"
	"errors"
	"fmt"

	"tampuuri-hillava/internal/config"
	"tampuuri-hillava/internal/hillava"
)

// hillavaCustomers are for their names. A Hillava that cannot be asked is no fault of the list: names then come from
// customers.yaml, and note says why.
func hillavaCustomers(ctx context.Context, settings config.Systems) (customers []hillava.Customer, note string) {
	client, err := OpenHillava(settings)
	if err != nil {
		return nil, "" // not set here: that is usual on an operator's machine
	}
	defer client.Close()
	if customers, err = client.Customers(ctx); err != nil {
		return nil, fmt.Sprintf("names are from customers.yaml, as Hillava could not be asked: %v", err)
	}
	return customers, ""
}

// OpenHillava makes a client of Hillava, when its address and token are set.
func OpenHillava(settings config.Systems) (*hillava.Client, error) {
	if settings.HillavaURL == "" || settings.HillavaToken.Empty() {
		return nil, errors.New("HILLAVA_URL or HILLAVA_TOKEN is not set; set both")
	}
	return hillava.New(hillava.Config{
		BaseURL: settings.HillavaURL, Token: settings.TokenSource(), Timeout: settings.HillavaTimeout, AllowInsecureHTTP: settings.AllowInsecureHTTP,
	})
}
