package session

import "anywhere/signer/jsontext"

// object is a JSON object.
type object map[string]any

// decodeObject reads data; false if it is no JSON object.
func decodeObject(data []byte) (object, bool) {
	value, err := jsontext.Parse(data)
	if err != nil {
		return nil, false
	}
	o, ok := value.(map[string]any)
	return o, ok
}

// text is the string at key; empty if there is none.
func (o object) text(key string) string {
	s, _ := o[key].(string)
	return s
}

// object is the object at key; nil, which is as good as empty, if there is none.
func (o object) object(key string) object {
	child, _ := o[key].(map[string]any)
	return child
}
