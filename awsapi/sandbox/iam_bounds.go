package sandbox

// Boundaries and tags of roles and users.

func (k holders) putBoundary(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	if no := c.attachable(c.form.Get("PermissionsBoundary")); no != nil {
		return nil, no
	}
	h.Boundary = c.form.Get("PermissionsBoundary")
	return nil, nil
}

func (k holders) deleteBoundary(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	h.Boundary = ""
	return nil, nil
}

func (k holders) tag(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	tags := withTag(h.Tags, c.tags()...)
	if len(tags) > maxTags {
		return nil, limited("The number of tags has reached the maximum limit.")
	}
	h.Tags = tags
	return nil, nil
}

func (k holders) untag(c *call) (any, *refusal) {
	h, no := k.own(c)
	if no != nil {
		return nil, no
	}
	h.Tags = withoutTags(h.Tags, c.list("TagKeys"))
	return nil, nil
}

func (k holders) listTags(c *call) (any, *refusal) {
	h, no := k.find(c)
	if no != nil {
		return nil, no
	}
	return tagsOf(c, h.Tags), nil
}

func tagsOf(c *call, tags []tag) tagsAnswer {
	here, more := iamPageOf(c, tags)
	out := tagsAnswer{page: more}
	for _, t := range here {
		out.Tags.Member = append(out.Tags.Member, tagXML(t))
	}
	return out
}
