package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func managedOperations() []operation {
	name, managed, version := must("policyName", iamPolicyName), must("policyArn", iamARN), must("versionId", iamVersion)
	list := append([]member{managed}, iamPage...)
	return []operation{
		{name: "CreatePolicy", resource: newPolicyARN, writes: true, do: createPolicy, takes: []member{name, may("path", iamPath), must("policyDocument", iamDocument),
			may("description", shape{kind: text, max: 1000}), may("tags", iamTags)}},
		{name: "GetPolicy", resource: policyARN, do: getPolicy, takes: []member{managed}},
		{name: "ListPolicies", do: listPolicies, takes: append([]member{may("scope", shape{kind: text, enum: []string{"All", "AWS", "Local"}}),
			may("onlyAttached", shape{kind: text}), may("pathPrefix", shape{kind: text, min: 1, max: 512})}, iamPage...)},
		{name: "DeletePolicy", resource: policyARN, writes: true, do: deletePolicy, takes: []member{managed}},
		{name: "CreatePolicyVersion", resource: policyARN, writes: true, do: createVersion, takes: []member{managed, must("policyDocument", iamDocument), may("setAsDefault", shape{kind: text})}},
		{name: "GetPolicyVersion", resource: policyARN, do: getVersion, takes: []member{managed, version}},
		{name: "ListPolicyVersions", resource: policyARN, do: listVersions, takes: list},
		{name: "SetDefaultPolicyVersion", resource: policyARN, writes: true, do: setDefault, takes: []member{managed, version}},
		{name: "DeletePolicyVersion", resource: policyARN, writes: true, do: deleteVersion, takes: []member{managed, version}},
		{name: "ListEntitiesForPolicy", resource: policyARN, do: listEntities, takes: append(slices.Clone(list), may("entityFilter", shape{kind: text}))},
		{name: "TagPolicy", resource: policyARN, writes: true, do: tagPolicy, takes: []member{managed, must("tags", iamTags)}},
		{name: "UntagPolicy", resource: policyARN, writes: true, do: untagPolicy, takes: []member{managed, must("tagKeys", iamTagKeys)}},
		{name: "ListPolicyTags", resource: policyARN, do: listPolicyTags, takes: list},
	}
}

// iamVersion is the ID of a version.
// Source: service model of the AWS SDKs (iam, 2010-05-08), policyVersionIdType
var iamVersion = shape{kind: text}.matching(`v[1-9][0-9]*(\.[A-Za-z0-9-]*)?`)

func createVersion(c *call) (any, *refusal) {
	m, no := c.ownManaged()
	if no != nil {
		return nil, no
	}
	document := c.form.Get("PolicyDocument")
	if no := checkManaged(document); no != nil {
		return nil, no
	}
	if len(m.Versions) >= maxVersions {
		return nil, limited("A managed policy can have up to %d versions. Before you create a new version, you must delete an existing version.", maxVersions)
	}
	m.Last++
	v := policyVersion{"v" + strconv.Itoa(m.Last), document, c.now}
	m.Versions = append(m.Versions, v)
	if strings.EqualFold(c.form.Get("SetAsDefault"), "true") {
		m.Default = v.ID
	}
	m.UpdatedAt = c.now
	shown := m.wholeVersion(v)
	shown.Document = "" // only GetPolicyVersion returns it
	return policyVersionAnswer{shown}, nil
}

func (c *call) wantedVersion(find func() (*managed, *refusal)) (*managed, int, *refusal) {
	m, no := find()
	if no != nil {
		return nil, 0, no
	}
	id := c.form.Get("VersionId")
	at := m.version(id)
	if at < 0 {
		return nil, 0, noEntity("Policy %s version %s does not exist or is not attachable.", m.arn(), id)
	}
	return m, at, nil
}

func getVersion(c *call) (any, *refusal) {
	m, at, no := c.wantedVersion(c.wantedManaged)
	if no != nil {
		return nil, no
	}
	return policyVersionAnswer{m.wholeVersion(m.Versions[at])}, nil
}

func listVersions(c *call) (any, *refusal) {
	m, no := c.wantedManaged()
	if no != nil {
		return nil, no
	}
	newest := slices.Clone(m.Versions)
	slices.Reverse(newest)
	here, more := iamPageOf(c, newest)
	out := policyVersionsAnswer{page: more}
	for _, v := range here {
		one := m.wholeVersion(v)
		one.Document = ""
		out.Versions.Member = append(out.Versions.Member, one)
	}
	return out, nil
}

func setDefault(c *call) (any, *refusal) {
	m, at, no := c.wantedVersion(c.ownManaged)
	if no != nil {
		return nil, no
	}
	m.Default, m.UpdatedAt = m.Versions[at].ID, c.now
	return nil, nil
}

func deleteVersion(c *call) (any, *refusal) {
	m, at, no := c.wantedVersion(c.ownManaged)
	if no != nil {
		return nil, no
	}
	if m.Versions[at].ID == m.Default {
		return nil, refuse(http.StatusConflict, "DeleteConflict", "Cannot delete the default version of a policy.")
	}
	m.Versions = slices.Delete(m.Versions, at, at+1)
	return nil, nil
}

func listEntities(c *call) (any, *refusal) {
	m, no := c.wantedManaged()
	if no != nil {
		return nil, no
	}
	var out entitiesAnswer
	for _, h := range c.attachedTo(m) {
		if strings.HasPrefix(h.ID, "AROA") {
			out.Roles.Member = append(out.Roles.Member, entityXML{Role: h.Name, RoleID: h.ID})
		} else {
			out.Users.Member = append(out.Users.Member, entityXML{User: h.Name, UserID: h.ID})
		}
	}
	return out, nil
}

func tagPolicy(c *call) (any, *refusal) {
	m, no := c.ownManaged()
	if no != nil {
		return nil, no
	}
	tags := withTag(m.Tags, c.tags()...)
	if len(tags) > maxTags {
		return nil, limited("The number of tags has reached the maximum limit.")
	}
	m.Tags = tags
	return nil, nil
}

func untagPolicy(c *call) (any, *refusal) {
	m, no := c.ownManaged()
	if no != nil {
		return nil, no
	}
	m.Tags = withoutTags(m.Tags, c.list("TagKeys"))
	return nil, nil
}

func listPolicyTags(c *call) (any, *refusal) {
	m, no := c.wantedManaged()
	if no != nil {
		return nil, no
	}
	return tagsOf(c, m.Tags), nil
}

type policyAnswer struct {
	Policy policyXML `xml:"Policy"`
}

type policiesAnswer struct {
	Policies members[policyXML] `xml:"Policies"`
	page
}

type policyXML struct {
	Name        string           `xml:"PolicyName"`
	ID          string           `xml:"PolicyId,omitempty"`
	ARN         string           `xml:"Arn"`
	Path        string           `xml:"Path"`
	Version     string           `xml:"DefaultVersionId"`
	Attached    int              `xml:"AttachmentCount"`
	Boundaries  int              `xml:"PermissionsBoundaryUsageCount"`
	Attachable  bool             `xml:"IsAttachable"`
	Description string           `xml:"Description,omitempty"`
	CreateDate  string           `xml:"CreateDate,omitempty"`
	UpdateDate  string           `xml:"UpdateDate,omitempty"`
	Tags        *members[tagXML] `xml:"Tags"`
}

func (c *call) wholePolicy(m *managed) policyXML {
	x := policyXML{Name: m.Name, ID: m.ID, ARN: m.arn(), Path: m.Path, Version: m.Default, Attached: len(c.attachedTo(m)), Boundaries: c.bounding(m),
		Attachable: true, Description: m.Description, Tags: tagList(m.Tags)}
	if !m.aws {
		x.CreateDate, x.UpdateDate = stamp(m.CreatedAt), stamp(m.UpdatedAt)
	}
	return x
}

type policyVersionAnswer struct {
	Version policyVersionXML `xml:"PolicyVersion"`
}

type policyVersionsAnswer struct {
	Versions members[policyVersionXML] `xml:"Versions"`
	page
}

type policyVersionXML struct {
	Document   string `xml:"Document,omitempty"`
	ID         string `xml:"VersionId"`
	IsDefault  bool   `xml:"IsDefaultVersion"`
	CreateDate string `xml:"CreateDate,omitempty"`
}

func (m *managed) wholeVersion(v policyVersion) policyVersionXML {
	x := policyVersionXML{Document: encode(v.Document), ID: v.ID, IsDefault: v.ID == m.Default}
	if !m.aws {
		x.CreateDate = stamp(v.CreatedAt)
	}
	return x
}

type entitiesAnswer struct {
	Groups members[struct{}]  `xml:"PolicyGroups"`
	Users  members[entityXML] `xml:"PolicyUsers"`
	Roles  members[entityXML] `xml:"PolicyRoles"`
	page
}

type entityXML struct {
	User   string `xml:"UserName,omitempty"`
	UserID string `xml:"UserId,omitempty"`
	Role   string `xml:"RoleName,omitempty"`
	RoleID string `xml:"RoleId,omitempty"`
}
