package pki

// ValidAttribute says why value cannot be an organisation or organisational
// unit that becomes a session tag; nil if it can, or is empty. field names it in
// the error, a [*NameError].
func ValidAttribute(field, value string) error { return tagValue(field, value, maxAttribute) }
