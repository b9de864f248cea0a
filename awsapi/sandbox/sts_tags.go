package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// What STS says of a source identity or session tags that do not fit the calling
// session. The first two are published answers of AWS.
const (
	saysIdentitySet   = "The source identity is already set for this assume role session"
	saysTagInherited  = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
	saysTagNotAmongst = "The specified transitive tag key must be included in the requested tags."
	saysTagTwice      = "Duplicate tag keys found. Please note that Tag keys are case insensitive."
)

// sourceIdentity is the calling session's, which stays through every change of
// role, or else the one asked for.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_control-access_monitor.html
func (c *call) sourceIdentity() (string, *refusal) {
	asked, s := c.form.Get("SourceIdentity"), c.caller.session
	switch {
	case s == nil || s.SourceIdentity == "":
		return asked, nil
	case asked != "" && asked != s.SourceIdentity:
		return "", refuse(http.StatusBadRequest, "ValidationError", "%s", saysIdentitySet)
	}
	return s.SourceIdentity, nil
}

// inherited are the tags that the calling session passes on.
func (c *call) inherited() []tag {
	s := c.caller.session
	if s == nil {
		return nil
	}
	var out []tag
	for _, t := range s.Tags {
		if hasKey(s.Transitive, t.Key) {
			out = append(out, t)
		}
	}
	return out
}

// chain gives the tags of the session that AssumeRole makes, and the keys of
// those that it passes on in its turn: what is inherited stays transitive.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining
func (c *call) chain() (tags []tag, transitive []string, no *refusal) {
	wrong := func(says string) *refusal { return refuse(http.StatusBadRequest, "InvalidParameterValue", "%s", says) }
	tags = c.inherited()
	incoming := fields{}
	for _, t := range tags {
		transitive, incoming[t.Key] = append(transitive, t.Key), t.Value
	}
	if len(incoming) > 0 {
		// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/cloudtrail-integration.html
		c.input["incomingTransitiveTags"] = incoming
	}
	var asked []string
	for _, t := range c.tags() {
		switch {
		case hasKey(asked, t.Key):
			return nil, nil, wrong(saysTagTwice)
		case hasKey(transitive, t.Key):
			return nil, nil, wrong(saysTagInherited)
		}
		asked, tags = append(asked, t.Key), append(tags, t)
	}
	for _, key := range c.list("TransitiveTagKeys") {
		if !hasKey(asked, key) {
			return nil, nil, wrong(saysTagNotAmongst)
		}
		transitive = append(transitive, key)
	}
	return tags, transitive, nil
}

// hasKey compares as STS does, which minds no case.
func hasKey(keys []string, key string) bool {
	return slices.ContainsFunc(keys, func(k string) bool { return strings.EqualFold(k, key) })
}
