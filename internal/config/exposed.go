package config

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
)

// Exposed says that a file with secrets in it can be read by strangers. It is a warning only: a refusal would stop the
// programs, or a customer's notices, for one mode, and it is what containers are given (docs/design.md).
type Exposed struct {
	Path   string
	Whose  string // of customers.yaml: the Tunnisteet whose credentials stand in it; "": a secret alone is in the file
	Mode   fs.FileMode
	Advice string // what to do that leaves the programs able to read it
}

func (e Exposed) String() string {
	if e.Whose == "" {
		return fmt.Sprintf("%s holds a secret and can be read by others (mode %04o); %s, or mount it read-only", e.Path, e.Mode, e.Advice)
	}
	return fmt.Sprintf("%s holds credentials of %s and can be read by others (mode %04o); %s, or keep them in files of their own (avain_file, salasana_file)",
		e.Path, e.Whose, e.Mode, e.Advice)
}

// exposedFile tells when strangers may read an open file; nil when they may not, or when it is on a read-only mount, as
// container secrets are.
func exposedFile(path string, file *os.File, info fs.FileInfo) *Exposed {
	advice, exposed := exposure(info)
	if !exposed || onReadOnlyMount(file) {
		return nil
	}
	return &Exposed{Path: path, Mode: info.Mode().Perm(), Advice: advice}
}

// ExposedCredentials gives, each once, the files by which strangers may read credentials of customers: customers.yaml
// itself, where it holds avain or salasana of some, and the files that entries name.
func ExposedCredentials(path string, customers []Customer) []Exposed {
	var whose []string
	var found []Exposed
	for _, customer := range customers {
		if customer.inline {
			whose = append(whose, customer.Tunniste)
		}
		found = append(found, customer.exposed...)
	}
	slices.SortFunc(found, func(a, b Exposed) int { return strings.Compare(a.Path, b.Path) })
	found = slices.CompactFunc(found, func(a, b Exposed) bool { return a.Path == b.Path })
	if len(whose) == 0 {
		return found
	}
	_, itself, err := readRegular(path, "the customers", maxCustomersFile)
	if err != nil || itself == nil { // whoever loads it is told of an error
		return found
	}
	itself.Whose = strings.Join(whose, ", ")
	return append([]Exposed{*itself}, found...)
}
