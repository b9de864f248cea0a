package sandbox

import (
	"encoding/base64"
	"strconv"
)

// The answers of IAM, as XML.

type page struct {
	IsTruncated bool   `xml:"IsTruncated"`
	Marker      string `xml:"Marker,omitempty"`
}

// iamPageOf cuts one page of a list out, by Marker and MaxItems.
func iamPageOf[T any](c *call, all []T) (here []T, more page) {
	from := 0
	if text, err := base64.RawURLEncoding.DecodeString(c.form.Get("Marker")); err == nil {
		from = min(max(number(string(text), 0), 0), len(all))
	}
	to := min(from+number(c.form.Get("MaxItems"), 100), len(all))
	if to < len(all) {
		more = page{true, base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(to)))}
	}
	return all[from:to], more
}

type roleAnswer struct {
	Role roleXML `xml:"Role"`
}

type rolesAnswer struct {
	Roles members[roleXML] `xml:"Roles"`
	page
}

type roleXML struct {
	Path        string           `xml:"Path"`
	Name        string           `xml:"RoleName"`
	ID          string           `xml:"RoleId"`
	ARN         string           `xml:"Arn"`
	CreateDate  string           `xml:"CreateDate"`
	Trust       string           `xml:"AssumeRolePolicyDocument"`
	Description string           `xml:"Description,omitempty"`
	MaxSession  int              `xml:"MaxSessionDuration"`
	Boundary    *boundaryXML     `xml:"PermissionsBoundary"`
	Tags        *members[tagXML] `xml:"Tags"`
	LastUsed    *lastUsedXML     `xml:"RoleLastUsed"`
}

type boundaryXML struct {
	Type string `xml:"PermissionsBoundaryType"`
	ARN  string `xml:"PermissionsBoundaryArn"`
}

type lastUsedXML struct {
	Date   string `xml:"LastUsedDate,omitempty"`
	Region string `xml:"Region,omitempty"`
}

type tagXML struct {
	Key   string `xml:"Key"`
	Value string `xml:"Value"`
}

// whole is the role as GetRole shows it. Policies travel percent-encoded.
func (r *role) whole() roleXML {
	x := roleXML{Path: r.Path, Name: r.Name, ID: r.ID, ARN: r.arn(), CreateDate: stamp(r.CreatedAt), Trust: encode(r.TrustPolicy),
		Description: r.Description, MaxSession: r.MaxSession, Boundary: boundaryOf(r.Boundary), Tags: tagList(r.Tags), LastUsed: &lastUsedXML{}}
	if !r.LastUsed.IsZero() {
		x.LastUsed = &lastUsedXML{stamp(r.LastUsed), r.LastRegion}
	}
	return x
}

type tagsAnswer struct {
	Tags members[tagXML] `xml:"Tags"`
	page
}

type instanceProfilesAnswer struct {
	Profiles members[struct{}] `xml:"InstanceProfiles"`
	page
}

type inlineAnswer struct {
	Role     string `xml:"RoleName,omitempty"`
	User     string `xml:"UserName,omitempty"`
	Name     string `xml:"PolicyName"`
	Document string `xml:"PolicyDocument"`
}

type policyNamesAnswer struct {
	PolicyNames members[string] `xml:"PolicyNames"`
	page
}

type attachedAnswer struct {
	Policies members[attachedXML] `xml:"AttachedPolicies"`
	page
}

type attachedXML struct {
	Name string `xml:"PolicyName"`
	ARN  string `xml:"PolicyArn"`
}
