package speech

// Pairs are the tables, each a list of English and Finnish, for tests that have other packages speak.
func Pairs() (checked, said, quoted [][2]string) {
	pairs := func(table []phrase) (all [][2]string) {
		for _, one := range table {
			all = append(all, [2]string{one.english, one.finnish})
		}
		return all
	}
	return pairs(checks), pairs(phrases), pairs(quotations)
}
