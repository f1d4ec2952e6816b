package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxCustomersFile bounds customers.yaml; some hundred customers are a few hundred KiB.
const maxCustomersFile = 4 << 20

// The structs below are customers.yaml as it is written. Dates and durations are text, so that a bad one is a fault of
// its customer and not of the file. A pointer tells what is left out from what is set to zero.

type writtenFile struct {
	Customers yaml.Node `yaml:"customers"`
}

// writtenEntry is one entry of the list, as far as it can be read.
type writtenEntry struct {
	writtenCustomer
	line       int
	faults     []string // values of a wrong type
	unreadable string   // why nothing of it can be read; "" when it can
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
	StartDate    string               `yaml:"start_date"`
	PerformerIDs *written[writtenIDs] `yaml:"performer_ids"`
	Credentials  writtenCredentials   `yaml:"credentials"`
	Poll         struct {
		Every  string `yaml:"every"`
		Hours  string `yaml:"hours"`
		MaxNew *int   `yaml:"max_new"`
	} `yaml:"poll"`
	Task   writtenTask `yaml:"task"`
	Notify struct {
		Tehty  *written[bool] `yaml:"tehty"`
		Valmis *written[bool] `yaml:"valmis"`
	} `yaml:"notify"`
	AcceptState string             `yaml:"accept_state"`
	TimeEntries writtenTimeEntries `yaml:"time_entries"`
}

type writtenTask struct {
	WorkloadHours    *float64         `yaml:"workload_hours"`
	StartFrom        string           `yaml:"start_from"`
	BillingReference *string          `yaml:"billing_reference"`
	Contacts         *written[string] `yaml:"contacts"`
}

type writtenTimeEntries struct {
	ApprovedOnly *written[bool] `yaml:"approved_only"`
}

// UnmarshalYAML implements yaml.Unmarshaler: in a group that is none, contacts cannot be read.
func (w *writtenTask) UnmarshalYAML(node *yaml.Node) error {
	type group writtenTask
	if node.Kind != yaml.MappingNode {
		w.Contacts = &written[string]{misread: true}
	}
	return node.Decode((*group)(w))
}

// UnmarshalYAML implements yaml.Unmarshaler: in a group that is none, approved_only cannot be read.
func (w *writtenTimeEntries) UnmarshalYAML(node *yaml.Node) error {
	type group writtenTimeEntries
	if node.Kind != yaml.MappingNode {
		w.ApprovedOnly = &written[bool]{misread: true}
	}
	return node.Decode((*group)(w))
}

// written is a value that stands in an entry, or, where it cannot be read, only that it stands there. A pointer to it is
// nil when the value is left out or null. The decoder alone would leave a zero value, or a part of a list.
type written[T any] struct {
	value   T
	misread bool
}

// UnmarshalYAML implements yaml.Unmarshaler.
func (w *written[T]) UnmarshalYAML(node *yaml.Node) error {
	*w = written[T]{}
	if err := node.Decode(&w.value); err != nil {
		*w = written[T]{misread: true}
		return err // unwrapped, as the decoder gathers its own errors only
	}
	return nil
}

// or gives the value, or what it is when it is left out, or cannot be read.
func (w *written[T]) or(unset, misread T) T {
	switch {
	case w == nil:
		return unset
	case w.misread:
		return misread
	default:
		return w.value
	}
}

// writtenIDs are whole numbers. The decoder alone would pass over an empty one and cut off decimals.
type writtenIDs []int64

// UnmarshalYAML implements yaml.Unmarshaler.
func (w *writtenIDs) UnmarshalYAML(node *yaml.Node) error {
	var wrong []string
	for _, one := range node.Content {
		content := one
		if one.Kind == yaml.AliasNode {
			content = one.Alias
		}
		if tag := content.ShortTag(); node.Kind == yaml.SequenceNode && tag != "!!int" {
			wrong = append(wrong, fmt.Sprintf("line %d: cannot unmarshal %s into int64", one.Line, tag))
		}
	}
	if len(wrong) > 0 {
		return &yaml.TypeError{Errors: wrong}
	}
	return node.Decode((*[]int64)(w))
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
	return allAt(customers, time.Now()), err
}

// loadCustomers also gives the secret files that the entries name, for whoever follows their changes. Of its customers
// only those that Customer.at gives have every fault.
func loadCustomers(path string, defaults CustomerDefaults) ([]Customer, []string, error) {
	content, err := readCustomersFile(path)
	if err != nil {
		return nil, nil, err
	}
	entries, err := decodeCustomers(content)
	if err != nil {
		return nil, nil, inFile(path, err)
	}
	var customers []Customer
	var files []string
	for _, entry := range entries {
		reading := entryReading{entry: entry, folder: filepath.Dir(path), faults: entry.faults}
		customers = append(customers, reading.customer(defaults))
		files = append(files, reading.files...)
	}
	markDoubled(customers)
	return customers, files, nil
}

func readCustomersFile(path string) ([]byte, error) {
	content, err := readRegular(path, maxCustomersFile, nil)
	switch {
	case errors.Is(err, errNotRegular):
		return nil, fmt.Errorf("customers file %s %w; set CUSTOMERS_FILE to the right file", path, err)
	case errors.Is(err, errTooLong):
		return nil, fmt.Errorf("customers file %s is over 4 MiB; set CUSTOMERS_FILE to the right file", path)
	case err != nil:
		return nil, fmt.Errorf("read the customers file: %w; set CUSTOMERS_FILE, or begin with a copy of customers.example.yaml", err)
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

// decodeCustomers reads the file strictly: unknown or doubled keys refuse it, as does everything that is no list of
// entries. What is wrong with one entry's values is in that entry's faults.
func decodeCustomers(content []byte) ([]writtenEntry, error) {
	var written writtenFile
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	decoder.KnownFields(true)
	err := decoder.Decode(&written)
	if errors.Is(err, io.EOF) {
		return nil, errors.New(`is empty; it needs "customers:" and a list, "customers: []" for none`)
	}
	if wrongTypes, fatal := complaintsOf(err); len(wrongTypes)+len(fatal) > 0 {
		return nil, errors.Join(append(asErrors(wrongTypes), fatal...)...)
	}
	list := &written.Customers
	switch {
	case list.IsZero() || list.ShortTag() == "!!null":
		return nil, errors.New(`has no list "customers:"; write "customers: []" when there are none`)
	case list.Kind != yaml.SequenceNode:
		return nil, fmt.Errorf(`line %d: "customers:" has %s where a list belongs; begin each entry with a dash`, list.Line, yamlKind(list.ShortTag()))
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("has more than one YAML document; keep one, without a line of ---")
	}
	var entries []writtenEntry
	var problems []error
	for _, node := range list.Content {
		entry, fatal := decodeEntry(node)
		entries, problems = append(entries, entry), append(problems, fatal...)
	}
	return entries, errors.Join(problems...)
}

// decodeEntry reads one entry by itself, so that what is wrong with it can only be its own. fatal is what refuses the file.
func decodeEntry(node *yaml.Node) (entry writtenEntry, fatal []error) {
	entry.line = node.Line
	content := node
	if node.Kind == yaml.AliasNode {
		content = node.Alias
	}
	switch {
	case content.ShortTag() == "!!null":
		entry.unreadable = fmt.Sprintf("line %d: the entry is empty; remove its dash, or fill it in as customers.example.yaml shows", node.Line)
		return entry, nil
	case content.Kind != yaml.MappingNode:
		entry.unreadable = fmt.Sprintf("line %d: the entry is %s where a group of keys belongs; write it as customers.example.yaml shows", node.Line, yamlKind(content.ShortTag()))
		return entry, nil
	}
	err := node.Decode(&entry.writtenCustomer)
	var mismatch *yaml.TypeError
	entry.faults, fatal = complaintsOf(err)
	if err == nil || errors.As(err, &mismatch) { // else it may contain itself
		fatal = append(fatal, unknownKeys(content, reflect.TypeFor[writtenCustomer]())...)
	}
	return entry, fatal
}

// unknownKeys finds the keys that a struct has no field for. The library looks for them only when it reads a whole file,
// not one node.
func unknownKeys(node *yaml.Node, written reflect.Type) []error {
	known := map[string]reflect.Type{}
	for i := range written.NumField() {
		known[written.Field(i).Tag.Get("yaml")] = written.Field(i).Type
	}
	var unknown []error
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if value.Kind == yaml.AliasNode {
			value = value.Alias
		}
		kind, ok := known[key.Value]
		switch {
		case key.ShortTag() == "!!merge" && value.Kind == yaml.MappingNode:
			unknown = append(unknown, unknownKeys(value, written)...)
		case key.ShortTag() == "!!merge":
			for _, one := range value.Content {
				if one.Kind == yaml.AliasNode {
					one = one.Alias
				}
				unknown = append(unknown, unknownKeys(one, written)...)
			}
		case !ok:
			unknown = append(unknown, fmt.Errorf("line %d: unknown key %q; remove it, or correct its name", key.Line, key.Value))
		case kind.Kind() == reflect.Struct && value.Kind == yaml.MappingNode:
			unknown = append(unknown, unknownKeys(value, kind)...)
		}
	}
	return unknown
}

var (
	mismatchLine = regexp.MustCompile(`^line (\d+): (.*)$`)
	wrongType    = regexp.MustCompile(`^cannot unmarshal (!!\w+).* into (.+)$`)
	unknownKey   = regexp.MustCompile(`^field (.+) not found in type `)
	quotedValue  = regexp.MustCompile("`[^`]*`")
)

// complaintsOf divides the decoder's complaints into values of a wrong type and what refuses the file, both in our words.
// The decoder quotes values, which may be secrets: they are cut out.
func complaintsOf(err error) (wrongTypes []string, fatal []error) {
	var mismatch *yaml.TypeError
	if err == nil {
		return nil, nil
	}
	if !errors.As(err, &mismatch) {
		return nil, []error{fmt.Errorf("is not valid YAML: %s", withoutValues(err.Error()))}
	}
	for _, complaint := range mismatch.Errors {
		complaint = withoutValues(complaint)
		line, text := "0", complaint
		if parts := mismatchLine.FindStringSubmatch(complaint); parts != nil {
			line, text = parts[1], parts[2]
		}
		if parts := wrongType.FindStringSubmatch(text); parts != nil {
			wrongTypes = append(wrongTypes, fmt.Sprintf("line %s: has %s where %s belongs; correct the value", line, yamlKind(parts[1]), goKind(parts[2])))
			continue
		}
		if parts := unknownKey.FindStringSubmatch(text); parts != nil {
			text = fmt.Sprintf("unknown key %q; remove it, or correct its name", parts[1])
		}
		fatal = append(fatal, fmt.Errorf("line %s: %s", line, text))
	}
	return wrongTypes, fatal
}

func asErrors(texts []string) []error {
	var all []error
	for _, text := range texts {
		all = append(all, errors.New(text))
	}
	return all
}

func withoutValues(text string) string {
	text = strings.TrimPrefix(text, "yaml: ")
	return strings.ReplaceAll(quotedValue.ReplaceAllString(text, ""), "\n", " ")
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
	case "!!null":
		return "nothing"
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
