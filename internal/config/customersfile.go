package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"go.yaml.in/yaml/v3"
)

// maxCustomersFile bounds customers.yaml; some hundred customers are a few hundred KiB.
const maxCustomersFile = 4 << 20

// LoadCustomers reads customers.yaml; pollEvery is of entries without poll.every. The error is for a file that is missing
// or cannot be understood, with every problem on a line of its own; what is wrong with one customer alone is in that
// customer's Faults.
func LoadCustomers(path string, pollEvery time.Duration) ([]Customer, error) {
	content, err := readCustomersFile(path)
	if err != nil {
		return nil, err
	}
	customers, _, err := readCustomers(path, content, pollEvery)
	return allAt(customers, time.Now()), err
}

func readCustomersFile(path string) ([]byte, error) {
	content, _, err := readRegular(path, "the customers", maxCustomersFile)
	if err != nil {
		return nil, fmt.Errorf("read the customers file: %w (set CUSTOMERS_FILE to it, or begin with a copy of customers.example.yaml)", err)
	}
	return content, nil
}

// readCustomers makes customers of what customers.yaml holds, and of the secret files that it names, which it gives as
// they were read. Of its customers only those that Customer.at gives have every fault.
func readCustomers(path string, content []byte, pollEvery time.Duration) ([]Customer, map[string]secretReading, error) {
	entries, refusals := decodeCustomers(content)
	// Once to learn which secrets there are, so that they are read at the same time, and once with them.
	read := func(secrets map[string]secretReading) (customers []Customer, files []string, refusals []error) {
		for _, node := range entries {
			reading := entryReading{folder: filepath.Dir(path), secrets: secrets, pollEvery: pollEvery}
			customers = append(customers, reading.entry(node))
			files, refusals = append(files, reading.files...), append(refusals, reading.refusals...)
		}
		return customers, files, refusals
	}
	_, files, more := read(nil)
	if refusals = append(refusals, more...); len(refusals) > 0 {
		return nil, nil, inFile(path, refusals...)
	}
	secrets := readSecrets(files)
	customers, _, _ := read(secrets)
	markDoubled(customers)
	return customers, secrets, nil
}

// inFile puts the file's name before every problem.
func inFile(path string, problems ...error) error {
	named := make([]error, len(problems))
	for i, one := range problems {
		named[i] = fmt.Errorf("customers file %s: %w", path, one)
	}
	return errors.Join(named...)
}

// decodeCustomers gives the entries of the list, and why the file is refused whatever is in them.
func decodeCustomers(content []byte) (entries []*yaml.Node, refusals []error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	err := decoder.Decode(&document)
	switch {
	case errors.Is(err, io.EOF):
		return nil, []error{errors.New(`is empty; it needs "customers:" and a list, "customers: []" for none`)}
	case err != nil:
		return nil, []error{syntaxError(content, err)}
	}
	reading := entryReading{}
	entries = reading.entries(follow(document.Content[0]))
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		reading.refuse("has more than one YAML document; keep one, without a line of ---")
	}
	return entries, reading.refusals
}

// entries gives those of the file's list.
func (r *entryReading) entries(top *yaml.Node) []*yaml.Node {
	if top.Kind != yaml.MappingNode {
		r.refuse(`line %d: has %s where a group of keys belongs; write "customers:" and a list, as customers.example.yaml shows`, top.Line, kindOf(top))
		return nil
	}
	list := r.group("", top).value("customers")
	r.refuseUnknown()
	switch {
	case list == nil:
		r.refuse(`has no list "customers:"; write "customers: []" when there are none`)
	case follow(list).Kind != yaml.SequenceNode:
		r.refuse(`line %d: "customers:" has %s where a list belongs; begin each entry with a dash`, list.Line, kindOf(follow(list)))
	default:
		return follow(list).Content
	}
	return nil
}
