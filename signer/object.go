package signer

import "encoding/json"

// object is a JSON object. Decoding into structs costs a process that decodes
// one answer more for looking at the struct's type than for the decoding.
type object map[string]any

// decodeObject reads data; false if it is no JSON object.
func decodeObject(data []byte) (object, bool) {
	var o object
	err := json.Unmarshal(data, (*map[string]any)(&o))
	return o, err == nil && o != nil
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
