package sandbox

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
)

// read takes the parameters out of the request, in the way of its protocol, and
// checks them against what the operation takes.
func (c *call) read() *refusal {
	if c.op.raw {
		c.input = map[string]any{}
		if c.labels["bucket"] != "" {
			c.input["bucketName"] = c.labels["bucket"]
		}
		return nil
	}
	if c.service.talk.form {
		form, ok := formOf(c.request, c.body)
		if !ok {
			return c.complain(malformed)
		}
		c.form, c.input = form, formInput(c.op.takes, form)
		return c.check("ValidationError")
	}
	if no := c.readJSON(); no != nil {
		return no
	}
	return c.check("ValidationException")
}

// formOf reads the parameters of the query protocol out of the body or, for a
// request without one, out of the address.
func formOf(r *http.Request, body []byte) (url.Values, bool) {
	text := string(body)
	if r.Method == http.MethodGet {
		text = r.URL.RawQuery
	}
	form, err := url.ParseQuery(text)
	for name := range form {
		if strings.HasPrefix(name, "X-Amz-") {
			form.Del(name)
		}
	}
	return form, err == nil
}

// readJSON merges body, query string and path into the parameters.
func (c *call) readJSON() *refusal {
	c.input = map[string]any{}
	if len(strings.TrimSpace(string(c.body))) > 0 {
		if err := json.Unmarshal(c.body, &c.input); err != nil || c.input == nil {
			return c.complain(malformed)
		}
	}
	for name, value := range c.input {
		if value == nil {
			delete(c.input, name) // null is the same as absent
		}
	}
	asked, err := url.ParseQuery(c.request.URL.RawQuery)
	if err != nil {
		return c.complain(malformed)
	}
	for name, values := range asked {
		c.input[name] = fromText(c.op.takes, name, values)
	}
	for name, value := range c.labels {
		c.input[name] = value
	}
	return nil
}

// fromText makes the JSON value of a parameter that came in the query string.
func fromText(takes []member, name string, values []string) any {
	for _, m := range takes {
		if m.name != name {
			continue
		}
		switch m.kind {
		case list:
			out := make([]any, len(values))
			for i, v := range values {
				out[i] = v
			}
			return out
		case whole:
			if n, err := strconv.ParseFloat(values[0], 64); err == nil {
				return n
			}
		}
	}
	return values[0]
}

// check refuses parameters that break the operation's rules, all at once, in the
// words of AWS's request validation.
func (c *call) check(code string) *refusal {
	var wrong []string
	for _, m := range c.op.takes {
		found, err := m.wrong(m.name, c.input[m.name], m.required)
		if err != nil {
			return refuse(http.StatusBadRequest, "SerializationException", "%v", err)
		}
		wrong = append(wrong, found...)
	}
	if len(wrong) == 0 {
		return nil
	}
	errors := "error"
	if len(wrong) > 1 {
		errors = "errors"
	}
	return refuse(http.StatusBadRequest, code, "%s", fmt.Sprintf("%d validation %s detected: %s", len(wrong), errors, strings.Join(wrong, "; ")))
}

// formInput turns the parameters of the query protocol into those of an event:
// roleName, tags [{key, value}], tagKeys [...].
func formInput(takes []member, form url.Values) map[string]any {
	in := map[string]any{}
	for name := range form {
		plain, _, isList := strings.Cut(name, ".member.")
		switch {
		case name == "Action" || name == "Version":
		case !isList:
			in[lowerFirst(name)] = fromText(takes, lowerFirst(name), form[name])
		case in[lowerFirst(plain)] == nil:
			in[lowerFirst(plain)] = formList(form, plain)
		}
	}
	return in
}

func formList(form url.Values, name string) []any {
	var out []any
	for i := 1; ; i++ {
		at := name + ".member." + itoa(i)
		if form.Has(at) {
			out = append(out, form.Get(at))
			continue
		}
		one := map[string]any{}
		for key := range form {
			if member, ok := strings.CutPrefix(key, at+"."); ok {
				one[lowerFirst(member)] = form.Get(key)
			}
		}
		if len(one) == 0 {
			return out
		}
		out = append(out, one)
	}
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return string(unicode.ToLower(rune(s[0]))) + s[1:]
}
