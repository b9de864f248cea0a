package sandbox

// The constraints of Roles Anywhere's parameters, from the service model of the
// AWS SDKs (rolesanywhere, API version 2018-05-10).

var (
	raName = shape{kind: text, min: 1, max: 255}.matching(`[ a-zA-Z0-9-_]*`)
	// The model anchors nothing; an ID is 36 characters, so that this is whole.
	raID      = shape{kind: text, min: 36, max: 36}.matching(`.*[a-f0-9]{8}-([a-z0-9]{4}-){3}[a-z0-9]{12}.*`)
	raRoleARN = shape{kind: text, min: 1, max: 1011}.matching(`arn:aws(-[^:]+)?:iam(:.*){2}(:role.*)`)
	raAnchor  = shape{kind: text, min: 1, max: 1011}.matching(`arn:aws(-[^:]+)?:rolesanywhere(:.*){2}(:trust-anchor.*)`)
	raProfile = shape{kind: text, min: 1, max: 1011}.matching(`arn:aws(-[^:]+)?:rolesanywhere(:.*){2}(:profile.*)`)
	raAny     = shape{kind: text, min: 1, max: 1011}
	raPolicy  = shape{kind: text, min: 1, max: 200}
	raSeconds = shape{kind: whole, min: 900, max: 43200}
	raCRL     = shape{kind: blob, min: 1, max: 300000}
	raTagKey  = shape{kind: text, min: 1, max: 128, secret: true}.matching(`[ a-zA-Z0-9_.:/=+@-]*`)
	raTagText = shape{kind: text, max: 256, secret: true}.matching(`[ a-zA-Z0-9_.:/=+@-]*`)
	raField   = shape{kind: text, enum: []string{"x509Subject", "x509Issuer", "x509SAN"}}
	raEvent   = shape{kind: text, enum: []string{"CA_CERTIFICATE_EXPIRY", "END_ENTITY_CERTIFICATE_EXPIRY"}}
	raChannel = shape{kind: text, enum: []string{"ALL"}}
	raRule    = shape{kind: text, max: 60}
	raDays    = shape{kind: whole, min: 1, max: 360}

	raRoleARNs    = listOf(raRoleARN, 0, 250)
	raPolicyARNs  = listOf(raPolicy, 0, 50)
	raTagKeys     = listOf(raTagKey, 0, 200)
	raSpecifiers  = listOf(raRule, 0, 0)
	raTags        = listOf(object(must("key", raTagKey), must("value", raTagText)), 0, 200)
	raRules       = listOf(object(must("specifier", raRule)), 0, 0)
	raNotice      = object(must("enabled", shape{kind: truth}), must("event", raEvent), may("threshold", raDays), may("channel", raChannel))
	raNotices     = listOf(raNotice, 0, 50)
	raNoticeNames = listOf(object(must("event", raEvent), may("channel", raChannel)), 0, 50)

	raSource = object(
		may("sourceType", shape{kind: text, enum: []string{"AWS_ACM_PCA", "CERTIFICATE_BUNDLE", "SELF_SIGNED_REPOSITORY"}}),
		may("sourceData", shape{kind: union, members: []member{
			may("x509CertificateData", shape{kind: text, min: 1, max: 16000}),
			may("acmPcaArn", shape{kind: text}),
		}}),
	)

	raPage = []member{
		may("nextToken", shape{kind: text, min: 1, max: 10000}),
		may("pageSize", shape{kind: whole}),
	}
)

func must(name string, s shape) member { return member{name, s, true} }
func may(name string, s shape) member  { return member{name, s, false} }

func listOf(of shape, least, most int) shape {
	return shape{kind: list, of: &of, min: least, max: most}
}
func object(members ...member) shape { return shape{kind: structure, members: members} }
