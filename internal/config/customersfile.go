package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxCustomersFile bounds customers.yaml; some hundred customers are a few hundred KiB.
const maxCustomersFile = 4 << 20

// The structs below are customers.yaml as it is written. Dates and durations are text, so that a bad one is a fault of
// its customer and not of the file. A pointer tells what is left out from what is set to zero.

type writtenFile struct {
	Customers *[]writtenCustomer `yaml:"customers"`
}

type writtenCustomer struct {
	Tunniste       string   `yaml:"tunniste"`
	Name           string   `yaml:"name"`
	ConfirmedNames []string `yaml:"confirmed_names"`
	Consent        struct {
		Reference  string `yaml:"reference"`
		Date       string `yaml:"date"`
		RecordedBy string `yaml:"recorded_by"`
	} `yaml:"consent"`
	StartDate    string             `yaml:"start_date"`
	PerformerIDs []int64            `yaml:"performer_ids"`
	Credentials  writtenCredentials `yaml:"credentials"`
	Poll         struct {
		Every  string `yaml:"every"`
		Hours  string `yaml:"hours"`
		MaxNew *int   `yaml:"max_new"`
	} `yaml:"poll"`
	Task struct {
		WorkloadHours    *float64 `yaml:"workload_hours"`
		StartFrom        string   `yaml:"start_from"`
		BillingReference *string  `yaml:"billing_reference"`
		Contacts         string   `yaml:"contacts"`
	} `yaml:"task"`
	Notify struct {
		Tehty  *bool `yaml:"tehty"`
		Valmis *bool `yaml:"valmis"`
	} `yaml:"notify"`
	AcceptState string `yaml:"accept_state"`
	TimeEntries struct {
		ApprovedOnly bool `yaml:"approved_only"`
	} `yaml:"time_entries"`
}

type writtenCredentials struct {
	Avain              string `yaml:"avain"`
	AvainFile          string `yaml:"avain_file"`
	Asiakas            string `yaml:"asiakas"`
	AsiakasFile        string `yaml:"asiakas_file"`
	Tili               string `yaml:"tili"`
	TiliFile           string `yaml:"tili_file"`
	Kayttajatunnus     string `yaml:"kayttajatunnus"`
	KayttajatunnusFile string `yaml:"kayttajatunnus_file"`
	Salasana           string `yaml:"salasana"`
	SalasanaFile       string `yaml:"salasana_file"`
}

// LoadCustomers reads customers.yaml. The error is for a file that is missing or cannot be understood, with every
// problem on a line of its own; what is wrong with one customer alone is in that customer's Faults.
func LoadCustomers(path string, defaults CustomerDefaults) ([]Customer, error) {
	customers, _, err := loadCustomers(path, defaults)
	return customers, err
}

// loadCustomers also gives the secret files that the entries name, for whoever follows their changes.
func loadCustomers(path string, defaults CustomerDefaults) ([]Customer, []string, error) {
	content, err := readCustomersFile(path)
	if err != nil {
		return nil, nil, err
	}
	written, misfits, err := decodeCustomers(content)
	if err != nil {
		return nil, nil, inFile(path, err)
	}
	var customers []Customer
	var files []string
	for i, entry := range written {
		reading := entryReading{entry: entry, folder: filepath.Dir(path), faults: misfits[i]}
		customers = append(customers, reading.customer(defaults))
		files = append(files, reading.files...)
	}
	markDoubled(customers)
	return customers, files, nil
}

func readCustomersFile(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read the customers file: %w; set CUSTOMERS_FILE, or begin with a copy of customers.example.yaml", err)
	}
	// Closing a file that was only read loses nothing.
	defer func() { _ = file.Close() }()
	content, err := io.ReadAll(io.LimitReader(file, maxCustomersFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the customers file (CUSTOMERS_FILE): %w", err)
	}
	if len(content) > maxCustomersFile {
		return nil, fmt.Errorf("customers file %s is over 4 MiB; set CUSTOMERS_FILE to the right file", path)
	}
	return content, nil
}

// inFile puts the file's name before every problem of a joined error.
func inFile(path string, err error) error {
	all := []error{err}
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		all = joined.Unwrap()
	}
	named := make([]error, len(all))
	for i, one := range all {
		named[i] = fmt.Errorf("customers file %s: %w", path, one)
	}
	return errors.Join(named...)
}

// decodeCustomers reads the file strictly. Values of a wrong type are faults of the entry they stand in, given by the
// entry's index; unknown or doubled keys and everything else refuse the file.
func decodeCustomers(content []byte) ([]writtenCustomer, map[int][]string, error) {
	var written writtenFile
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	err := decoder.Decode(&written)
	var mismatch *yaml.TypeError
	misfits := map[int][]string{}
	switch {
	case errors.Is(err, io.EOF):
		return nil, nil, errors.New(`is empty; it needs "customers:" and a list, "customers: []" for none`)
	case errors.As(err, &mismatch):
		if misfits, err = sortMismatches(content, mismatch.Errors); err != nil {
			return nil, nil, err
		}
	case err != nil:
		return nil, nil, fmt.Errorf("is not valid YAML: %s", withoutValues(err.Error()))
	}
	if written.Customers == nil {
		return nil, nil, errors.New(`has no list "customers:"; write "customers: []" when there are none`)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, nil, errors.New("has more than one YAML document; keep one, without a line of ---")
	}
	return *written.Customers, misfits, nil
}

var (
	mismatchLine = regexp.MustCompile(`^line (\d+): (.*)$`)
	wrongType    = regexp.MustCompile(`^cannot unmarshal (!!\w+).* into (.+)$`)
	unknownKey   = regexp.MustCompile(`^field (.+) not found in type `)
	quotedValue  = regexp.MustCompile("`[^`]*`")
)

// sortMismatches divides the decoder's complaints into faults of entries and errors of the file. The decoder quotes
// values, which may be secrets: they are cut out.
func sortMismatches(content []byte, complaints []string) (map[int][]string, error) {
	starts := entryLines(content)
	misfits := map[int][]string{}
	var fatal []error
	for _, complaint := range complaints {
		complaint = withoutValues(complaint)
		line, text := 0, complaint
		if parts := mismatchLine.FindStringSubmatch(complaint); parts != nil {
			line, _ = strconv.Atoi(parts[1]) // the pattern has digits only; a number too long is no line
			text = parts[2]
		}
		entry := entryAt(starts, line)
		if parts := wrongType.FindStringSubmatch(text); parts != nil && entry >= 0 && !strings.HasPrefix(parts[2], "config.writtenCustomer") {
			misfits[entry] = append(misfits[entry], fmt.Sprintf("line %d: has %s where %s belongs; correct the value", line, yamlKind(parts[1]), goKind(parts[2])))
			continue
		}
		if parts := unknownKey.FindStringSubmatch(text); parts != nil {
			text = fmt.Sprintf("unknown key %q; remove it, or correct its name", parts[1])
		}
		fatal = append(fatal, fmt.Errorf("line %d: %s", line, text))
	}
	return misfits, errors.Join(fatal...)
}

func withoutValues(text string) string {
	text = strings.TrimPrefix(text, "yaml: ")
	return strings.ReplaceAll(quotedValue.ReplaceAllString(text, ""), "\n", " ")
}

// entryLines gives the line on which each entry of the list begins.
func entryLines(content []byte) []int {
	var file struct {
		Customers []yaml.Node `yaml:"customers"`
	}
	// The file has been parsed once; where its list is none, there are no entries to find.
	_ = yaml.Unmarshal(content, &file)
	starts := make([]int, len(file.Customers))
	for i := range file.Customers {
		starts[i] = file.Customers[i].Line
	}
	return starts
}

// entryAt gives the index of the entry that a line belongs to, -1 for none.
func entryAt(starts []int, line int) int {
	found := -1
	for i, start := range starts {
		if line >= start {
			found = i
		}
	}
	return found
}

func yamlKind(tag string) string {
	switch tag {
	case "!!map":
		return "a group of keys"
	case "!!seq":
		return "a list"
	case "!!str":
		return "text"
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "true or false"
	default:
		return "a value"
	}
}

func goKind(name string) string {
	switch {
	case strings.HasPrefix(name, "[]"):
		return "a list"
	case strings.HasPrefix(name, "int"):
		return "a whole number"
	case strings.HasPrefix(name, "float"):
		return "a number"
	case name == "bool":
		return "true or false"
	case name == "string":
		return "text"
	default:
		return "a group of keys"
	}
}
