package config

import (
	"fmt"
	"io/fs"
	"strings"
)

// Exposed says that customers.yaml itself holds credentials and can be read by strangers.
type Exposed struct {
	Path   string
	Whose  string // Tunnisteet
	Mode   fs.FileMode
	Advice string // what to do that leaves the programs able to read it
}

func (e Exposed) String() string {
	return fmt.Sprintf("%s holds credentials of %s and can be read by others (mode %04o); %s, or keep them in files of their own (avain_file, salasana_file)",
		e.Path, e.Whose, e.Mode, e.Advice)
}

// ExposedCredentials tells when customers.yaml itself holds avain or salasana of some customers and can be read by
// strangers; nil when it is not so, or when the file is on a read-only mount. It is a warning only: a refusal would stop
// every such customer's notices for one mode (docs/design.md). A file that an entry names with …_file is refused.
func ExposedCredentials(path string, customers []Customer) *Exposed {
	var whose []string
	for _, customer := range customers {
		if customer.inline {
			whose = append(whose, customer.Tunniste)
		}
	}
	if len(whose) == 0 {
		return nil
	}
	file, info, err := openRegular(path)
	if err != nil {
		return nil // whoever loads it is told
	}
	defer file.Close()
	advice, exposed := exposure(info)
	if !exposed || onReadOnlyMount(file) {
		return nil
	}
	return &Exposed{path, strings.Join(whose, ", "), info.Mode().Perm(), advice}
}
