package doctor

// accessSymptoms are refusals of AWS beyond CreateSession: of what a session
// tries, and of what setting up needs.
//
// Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func accessSymptoms() []symptom {
	return []symptom{
		{says: []string{"is not authorized to perform: iam:passrole on resource"}, codes: []Code{"RA714"}, means: "whoever makes, changes or enables a Roles Anywhere profile needs iam:PassRole on its roles"},
		{says: []string{"is not authorized to perform: * with an explicit deny in a resource control policy", "is not authorized to perform: * with an explicit deny in a service control policy", "with an explicit deny in a vpc endpoint policy", "because no vpc endpoint policy allows", "because no service control policy allows", "because no resource control policy allows"}, codes: []Code{"RA309", "RA713"},
			means: "a policy of the organisation or of a VPC endpoint denies it, whatever the account allows"},
		{says: []string{"(accessdenied) when calling the * operation: access denied", "(403) when calling the * operation: forbidden", "accessdenied: access denied", "statuscode: 403, requestid: *, api error forbidden", "<code>accessdenied</code>", "(unauthorizedoperation) when calling", "you are not authorized to perform this operation"}, codes: []Code{"RA713", "RA310"},
			means: "the session works, and the role may not do this; the service does not say which policy is missing"},
		{says: []string{"invalidaccesskeyid", "access key id you provided does not exist", "the provided token has expired", "authorization token has expired", "tokenrefreshrequired", "expired credentials"}, codes: []Code{"RA725", "RA502"},
			means: "the keys in use are not those of a live session: old ones, in the environment or written to a file"},
		{says: []string{"incompletesignature", "invalidsignatureexception", "invalid signature exception"}, codes: []Code{"RA401", "RA403"}, means: "the request was changed on its way, or the clock is wrong"},
		{says: []string{"the role with name * cannot be found", "role * does not exist", "nosuchentity * role", "nosuchentityexception: role not found"}, codes: []Code{"RA300"}, means: "there is no role of that name in this account: deleted, mistyped, or of another account"},
		{says: []string{"exceeds the maximum number of certificates", "bundle exceeds", "too many certificates in the bundle"}, codes: []Code{"RA215", "RA214"}, means: "a trust anchor holds two certificates at most"},
		{says: []string{"invalid type for parameter source", "unknown parameter in source", "x509certificatedata is not", "invalid base64"}, codes: []Code{"RA701"}, means: "the certificate's text was spoilt on its way into the request"},
		{says: []string{"crl signature is not valid", "crl issuer does not match"}, codes: []Code{"RA216"}, means: "the list was signed by another CA than the anchor's"},
		{says: []string{"does not have a trust policy that allows rolesanywhere", "role is not assumable by rolesanywhere"}, codes: []Code{"RA304", "RA301"}, means: "the role's trust policy does not trust Roles Anywhere"},
		{says: []string{"durationseconds must be between", "session duration must be between"}, codes: []Code{"RA205"}, means: "a duration is outside of what AWS takes: 900 to 43200 seconds"},
	}
}
