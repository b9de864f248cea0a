package sandbox

import (
	"encoding/base64"
	"slices"
	"strings"
	"time"
)

// thing is what trust anchors, Roles Anywhere profiles, revocation lists and
// subjects have in common. It belongs to the Region in its ARN.
type thing struct {
	ID        string    `json:"id"`
	ARN       string    `json:"arn"`
	Name      string    `json:"name"`
	Enabled   bool      `json:"enabled"`
	Tags      []tag     `json:"tags,omitempty"`
	CreatedAt time.Time `json:"createdAt"`
	UpdatedAt time.Time `json:"updatedAt"`
}

func (t *thing) self() *thing { return t }

// newThing makes the common part. kind is the word of the ARN: trust-anchor,
// profile, crl, subject.
func (c *call) newThing(kind, name string, enabled bool, tags []tag) thing {
	id := c.uuid()
	return thing{ID: id, ARN: c.arn("rolesanywhere", c.region, kind+"/"+id), Name: name, Enabled: enabled, Tags: tags, CreatedAt: c.now, UpdatedAt: c.now}
}

// inRegion tells whether a Roles Anywhere ARN is of the call's Region.
func (c *call) inRegion(arn string) bool {
	parts := strings.SplitN(arn, ":", 5)
	return len(parts) == 5 && parts[3] == c.region
}

// named is a pointer to a kind of thing.
type named[T any] interface {
	*T
	self() *thing
}

// one finds a thing of the call's Region by its ID.
func one[T any, P named[T]](c *call, all []*T, id string) *T {
	return find(all, func(v *T) bool { t := P(v).self(); return t.ID == id && c.inRegion(t.ARN) })
}

// pageOf cuts one page out of the things of the call's Region, and tells where
// the next one begins: "" if this was the last.
func pageOf[T any, P named[T]](c *call, all []*T) (page []*T, next string, no *refusal) {
	in := take[struct {
		NextToken string
		PageSize  int
	}](c)
	here := slices.DeleteFunc(slices.Clone(all), func(v *T) bool { return !c.inRegion(P(v).self().ARN) })
	if in.NextToken != "" {
		after, err := base64.RawURLEncoding.DecodeString(in.NextToken)
		at := slices.IndexFunc(here, func(v *T) bool { return P(v).self().ID == string(after) })
		if err != nil || at < 0 {
			return nil, "", invalid("Invalid next token")
		}
		here = here[at+1:]
	}
	size := in.PageSize
	if size <= 0 || size > maxPage {
		size = maxPage
	}
	if len(here) <= size {
		return here, "", nil
	}
	last := P(here[size-1]).self().ID
	return here[:size], base64.RawURLEncoding.EncodeToString([]byte(last)), nil
}

// maxPage is the sandbox's page; AWS's is not documented.
const maxPage = 50

// iso prints a time as Roles Anywhere does: microseconds, UTC.
func iso(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

// The resources that a request is about, for IAM.

func (c *call) raARN(kind, label string) string {
	id, _ := c.input[label].(string)
	return c.arn("rolesanywhere", c.region, kind+"/"+id)
}

func anchorInPath(c *call) string  { return c.withTags(c.raARN("trust-anchor", "trustAnchorId")) }
func profileInPath(c *call) string { return c.withTags(c.raARN("profile", "profileId")) }
func crlInPath(c *call) string     { return c.withTags(c.raARN("crl", "crlId")) }
func subjectInPath(c *call) string { return c.withTags(c.raARN("subject", "subjectId")) }

func taggedResource(c *call) string {
	resource, _ := c.input["resourceArn"].(string)
	return c.withTags(resource)
}

// newTagged is the resource of a call that makes something: none yet, but tags
// that a policy may ask for.
func newTagged(c *call) string {
	c.about = requestTags(take[tagInput](c).Tags)
	return "*"
}

// withTags remembers the tags of the resource as condition keys.
func (c *call) withTags(resource string) string {
	if t := c.tagged(resource); t != nil {
		c.about = requestTags(take[tagInput](c).Tags)
		for _, one := range t.Tags {
			c.about["aws:ResourceTag/"+one.Key] = []string{one.Value}
		}
	}
	return resource
}
