package refusals

// The IDs.
const (
	UntrustedCertificate    ID = "untrusted-signing-certificate"
	InsufficientCertificate ID = "insufficient-certificate"
	Revoked                 ID = "certificate-revoked"
	RoleRefused             ID = "unable-to-assume-role"
	AttributesDropped       ID = "attributes-not-mapped"
	DurationOverRole        ID = "duration-over-role-maximum"
	SessionNameRefused      ID = "role-session-name-not-allowed"
	RoleNotListed           ID = "role-not-in-profile"
	ProfileUnknown          ID = "invalid-or-empty-profile"
	AnchorUnknown           ID = "trust-anchor-not-found"
	BadSignature            ID = "invalid-signature"
	AnchorDisabled          ID = "trust-anchor-disabled"
	ProfileDisabled         ID = "profile-disabled"
	Throttled               ID = "rate-exceeded"
	DurationOutOfRange      ID = "duration-out-of-range"
	SessionNameIllegal      ID = "role-session-name-illegal"
	PolicyTooLarge          ID = "packed-policy-too-large"
	AssumeRoleDenied        ID = "assume-role-not-authorized"
)

const (
	denied   = "AccessDeniedException"
	invalid  = "ValidationException"
	guide    = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/"
	helper   = "https://github.com/aws/rolesanywhere-credential-helper/issues/"
	trust    = guide + "trust-model.html"
	sessions = guide + "authentication-create-session.html"
)

// All returns the table, in the order in which AWS seems to check. Where a cause
// is not AWS's documented rule, the source is a report of it.
func All() []Refusal {
	return []Refusal{
		{
			ID: AnchorUnknown, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Specified Trust Anchor wasn't found.",
			Means:    "no trust anchor of that ARN is in this account and Region",
			Causes:   []string{"RA201"}, Source: trust,
		},
		{
			ID: AnchorDisabled, Type: denied, Status: 403,
			Sentence: "Trust anchor is disabled",
			Means:    "the trust anchor is disabled, as the API and the CLI create it",
			Causes:   []string{"RA201"}, Source: trust,
		},
		{
			ID: InsufficientCertificate, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Untrusted certificate. Insufficient certificate",
			Means:    "the certificate breaks a rule for end-entity certificates: X.509 v3, no CA, digitalSignature, SHA-256",
			Causes:   []string{"RA113", "RA111", "RA112", "RA114", "RA115"}, Source: trust,
		},
		{
			ID: UntrustedCertificate, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Untrusted signing certificate",
			Means:    "the certificate does not lead to a CA of the trust anchor: another CA, or a missing intermediate",
			Causes:   []string{"RA121", "RA202", "RA115"}, Source: helper + "108",
		},
		{
			ID: Revoked, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Certificate revoked",
			Means:    "the certificate's serial is on an enabled CRL of the trust anchor",
			Causes:   []string{"RA206"}, Source: trust,
		},
		{
			ID: BadSignature, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Invalid signature",
			Means:    "this machine's clock is wrong, the key is not the certificate's, or something changed the request on its way",
			Causes:   []string{"RA401", "RA104", "RA403"}, Source: guide + "authentication-sign-process.html",
		},
		{
			ID: ProfileUnknown, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Invalid or empty profile provided.",
			Means:    "no Roles Anywhere profile of that ARN, or none with roles, is in this account and Region",
			Causes:   []string{"RA203", "RA204"}, Source: sessions,
		},
		{
			ID: ProfileDisabled, Type: denied, Status: 403,
			Sentence: "Profile is disabled",
			Means:    "the Roles Anywhere profile is disabled, as the API and the CLI create it",
			Causes:   []string{"RA203"}, Source: sessions,
		},
		{
			ID: RoleNotListed, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Requested Role isn't one of those listed in the Profile.",
			Means:    "the Roles Anywhere profile does not list the role",
			Causes:   []string{"RA204"}, Source: sessions,
		},
		{
			ID: SessionNameRefused, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Not authorized to set roleSessionName",
			Means:    "a session name was asked for, and the Roles Anywhere profile accepts none",
			Causes:   []string{"RA207"}, Source: helper + "19",
		},
		{
			ID: DurationOverRole, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Unable to assume role for *. The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
			Means:    "the session would be longer than the role's maximum session duration; AWS does not shorten it",
			Causes:   []string{"RA205"}, Source: sessions,
		},
		{
			ID: AttributesDropped, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Unable to assume role for *. Some attributes failed to be mapped into session tags.\n" +
				"Unable to assume role for *. Some attributes fail to be mapped",
			Means:  "the certificate has characters that no session tag may have, so the tag is missing, and then the role's conditions fail",
			Causes: []string{"RA302", "RA116"}, Source: helper + "77",
		},
		{
			ID: RoleRefused, Type: denied, Status: 403, Confirmed: true,
			Sentence: "Unable to assume role for *",
			Means:    "the role's trust policy does not let this certificate in, or the role is new and not yet known everywhere",
			Causes:   []string{"RA302", "RA301", "RA303", "RA116"}, Source: trust,
		},
		{
			ID: AssumeRoleDenied, Type: denied, Status: 403, Confirmed: true,
			Sentence: "is not authorized to perform: sts:AssumeRole on resource: *",
			Means:    "the role's trust policy does not allow Roles Anywhere",
			Causes:   []string{"RA301", "RA302"},
			Source:   "https://docs.aws.amazon.com/eks/latest/userguide/hybrid-nodes-troubleshooting.html",
		},
		{
			ID: DurationOutOfRange, Type: invalid, Status: 400,
			Sentence: "1 validation error detected: Value '*' at 'durationSeconds' failed to satisfy constraint: *",
			Means:    "the duration is not between 900 and 43200 seconds",
			Causes:   []string{"RA205"}, Source: sessions,
		},
		{
			ID: SessionNameIllegal, Type: invalid, Status: 400,
			Sentence: "1 validation error detected: Value '*' at 'roleSessionName' failed to satisfy constraint: *",
			Means:    "the session name is not 2 to 64 letters, digits and _+=,.@-",
			Causes:   []string{"RA207"}, Source: "https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html",
		},
		{
			ID: PolicyTooLarge, Type: denied, Status: 403,
			Sentence: "Unable to assume role for *. Serialized policy and tags exceed the allowed size.\n" +
				"Packed policy consumes *% of allotted space, please use smaller policy.",
			Means:  "session policy, managed policies and tags together are too large for a session",
			Causes: []string{"RA208"}, Source: sessions,
		},
		{
			ID: Throttled, Type: "ThrottlingException", Status: 429,
			Sentence: "Rate exceeded",
			Means:    "more sessions a second were asked for than the quota allows, 10 if it was never raised",
			Causes:   []string{"RA405"}, Source: "https://docs.aws.amazon.com/general/latest/gr/rolesanywhere.html",
		},
	}
}
