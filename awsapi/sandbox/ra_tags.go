package sandbox

import (
	"net/http"
	"slices"

	"anywhere/awsapi/policy"
)

// maxTags is AWS's limit of tags on one resource.
// Source: https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html
const maxTags = 50

// tagged finds what an ARN of Roles Anywhere names.
func (c *call) tagged(arn string) *thing {
	if v := find(c.account.Anchors, func(v *anchor) bool { return v.ARN == arn }); v != nil {
		return &v.thing
	}
	if v := find(c.account.Profiles, func(v *profile) bool { return v.ARN == arn }); v != nil {
		return &v.thing
	}
	if v := find(c.account.CRLs, func(v *crl) bool { return v.ARN == arn }); v != nil {
		return &v.thing
	}
	if v := find(c.account.Subjects, func(v *subject) bool { return v.ARN == arn }); v != nil {
		return &v.thing
	}
	return nil
}

// mayTag asks for the second permission that tags at creation need.
// Source: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementrolesanywhere.html
func (c *call) mayTag(kind string, tags []tag) *refusal {
	if len(tags) == 0 {
		return nil
	}
	if no := overTagged(tags); no != nil {
		return no
	}
	return c.allow("rolesanywhere:TagResource", c.arn("rolesanywhere", c.region, kind+"/*"), requestTags(tags))
}

// requestTags are the condition keys for tags that a request brings.
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_iam-tags.html
func requestTags(tags []tag) policy.Context {
	about := policy.Context{}
	for _, t := range tags {
		about["aws:RequestTag/"+t.Key] = []string{t.Value}
		about["aws:TagKeys"] = append(about["aws:TagKeys"], t.Key)
	}
	return about
}

func overTagged(tags []tag) *refusal {
	if len(tags) > maxTags {
		return refuse(http.StatusBadRequest, "TooManyTagsException", "A resource can have at most %d tags.", maxTags)
	}
	return nil
}

// withTag adds tags to a list; one of the same key is replaced.
func withTag(have []tag, add ...tag) []tag {
	out := slices.Clone(have)
	for _, t := range add {
		if i := slices.IndexFunc(out, func(o tag) bool { return o.Key == t.Key }); i >= 0 {
			out[i] = t
			continue
		}
		out = append(out, t)
	}
	return out
}

func withoutTags(have []tag, keys []string) []tag {
	return slices.DeleteFunc(slices.Clone(have), func(t tag) bool { return slices.Contains(keys, t.Key) })
}

type tagInput struct {
	ResourceArn string
	Tags        []tag
	TagKeys     []string
}

func (c *call) taggedInput() (tagInput, *thing, *refusal) {
	in := take[tagInput](c)
	t := c.tagged(in.ResourceArn)
	if t == nil || !c.inRegion(in.ResourceArn) {
		return in, nil, missing("Resource with ARN %s does not exist.", in.ResourceArn)
	}
	return in, t, nil
}

func listTags(c *call) (any, *refusal) {
	_, t, no := c.taggedInput()
	if no != nil {
		return nil, no
	}
	return map[string][]tag{"tags": append([]tag{}, t.Tags...)}, nil
}

func tagResource(c *call) (any, *refusal) {
	in, t, no := c.taggedInput()
	if no != nil {
		return nil, no
	}
	tags := withTag(t.Tags, in.Tags...)
	if no := overTagged(tags); no != nil {
		return nil, no
	}
	t.Tags = tags
	return struct{}{}, nil
}

func untagResource(c *call) (any, *refusal) {
	in, t, no := c.taggedInput()
	if no != nil {
		return nil, no
	}
	t.Tags = withoutTags(t.Tags, in.TagKeys)
	return struct{}{}, nil
}
