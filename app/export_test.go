package app

// KeyNames returns the names of the keys in the keyboard map, in its order.
func KeyNames() (names []string) {
	for _, k := range keyMap() {
		if k.name != "" {
			names = append(names, k.name)
		}
	}
	return names
}
