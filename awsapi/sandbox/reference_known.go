package sandbox

import "net/http"

// known is one refusal with its evidence.
type known struct {
	by, says, code string
	status         int
	evidence       string
}

// knownRefusals are the refusals of Roles Anywhere, with what is known of each.
func knownRefusals() []known {
	const session, anchors, denied, bad = "CreateSession", "CreateTrustAnchor", "AccessDeniedException", "ValidationException"
	const seen, ours = "confirmed: published answer", "unconfirmed words; the refusal is documented"
	no, invalid := http.StatusForbidden, http.StatusBadRequest
	return []known{
		{session, saysNoAnchor, denied, no, seen},
		{session, saysAnchorDisabled, denied, no, ours + "; tables of others have these words"},
		{session, saysInsufficient, denied, no, seen + " for a certificate without extensions"},
		{session, saysUntrusted, denied, no, seen + "; for a certificate or CA out of date the words are unconfirmed"},
		{session, saysRevoked, denied, no, seen},
		{session, saysBadSignature, denied, no, seen + ", also for a clock that is 30 minutes off"},
		{session, saysNoProfile, denied, no, seen + "; for a profile without roles it is inferred"},
		{session, saysProfileDisabled, denied, no, ours + "; tables of others have these words"},
		{session, saysRoleNotInList, denied, no, seen},
		{session, saysNoSessionName, denied, no, seen},
		{session, saysCannotAssume, denied, no, seen + " for conditions, a missing action and an empty subject; for a missing role inferred"},
		{session, saysUnmapped, denied, no, seen},
		{session, saysTooLong, denied, no, seen},
		{session, saysPacked, denied, no, ours},
		{session, "Rate exceeded", "ThrottlingException", http.StatusTooManyRequests, "words as elsewhere in AWS; the status is unconfirmed"},
		{"AssumeRole", saysIdentitySet, "ValidationError", invalid, seen},
		{"AssumeRole", saysTagInherited, "InvalidParameterValue", invalid, seen},
		{"AssumeRole", saysTagNotAmongst, "InvalidParameterValue", invalid, "as another emulator has it; unconfirmed"},
		{"AssumeRole", saysTagTwice, "InvalidParameterValue", invalid, "as another emulator has it; unconfirmed"},
		{anchors, saysBadConstraints, bad, invalid, seen},
		{anchors, saysBadCertificates, bad, invalid, seen},
		{anchors, saysPrivateCA, bad, invalid, seen + " for a private CA that is not active"},
		{anchors, "Unauthorized because no identity-based policy allows for the iam:CreateServiceLinkedRole action", denied, no, seen},
		{anchors, saysBadAnchor, bad, invalid, ours},
		{anchors, saysManyCertificate, bad, invalid, ours},
		{anchors, saysManyAnchors, bad, invalid, ours},
		{anchors, saysBadSource, bad, invalid, ours},
		{"CreateProfile", saysManyProfiles, bad, invalid, ours},
		{"CreateProfile, UpdateProfile, EnableProfile", saysForeignRole, denied, no, "words of other services that take a role; that no role is passed from one account to another is documented"},
		{"CreateProfile, UpdateProfile", saysBadPolicy, bad, invalid, "unconfirmed: AWS may look at it later"},
		{"ImportCrl", saysManyCRLs, bad, invalid, ours},
		{"ImportCrl, UpdateCrl", saysBadCRL, bad, invalid, ours},
		{"ImportCrl, UpdateCrl", saysForeignCRL, bad, invalid, "unconfirmed: AWS documents that the list must be signed by the anchor's CA"},
		{"TagResource", "A resource can have at most %d tags.", "TooManyTagsException", invalid, "service model; words unconfirmed"},
		{"all that name a thing", "%s with id %s does not exist.", "ResourceNotFoundException", http.StatusNotFound, "service model; words unconfirmed"},
		{"all with parameters", "%d validation errors detected: Value %s at %s failed to satisfy constraint: %s", bad, invalid, seen + " of CreateProfile"},
		{"all that name a thing of another account", "User: %s is not authorized to perform: %s on resource: %s because no resource-based policy allows the %s action", denied, no, "documented for requests from one account to another; unconfirmed for Roles Anywhere"},
		{"all but CreateSession", "User: %s is not authorized to perform: %s on resource: %s because no identity-based policy allows the %s action", denied, no, seen},
	}
}

// openQuestions are what nobody public knows of AWS, and what is done about it.
func openQuestions() [][2]string {
	return [][2]string{
		{"In which order are the parts of a CreateSession request checked?", "syntax, anchor, certificate, chain, lists, signature and clock, profile, role, session name, trust, duration, size"},
		{"Must a certificate have the extended key usage clientAuth?", "no; with --strict-eku a missing or another one is refused as an insufficient certificate"},
		{"Is a CRL past its nextUpdate still honoured?", "yes"},
		{"Does a fresh Roles Anywhere profile have attribute mappings?", "the documented defaults; with --break mapping-null none, as was seen once"},
		{"What happens to a common name with characters that STS takes in no source identity?", "they are left out of it"},
		{"How is the session named after a serial with a leading zero digit?", "with an even number of hex digits"},
		{"How does STS pack policies and tags?", "an estimate, and a refusal beyond the published limits of 2048 characters, 10 managed policies and 50 tags"},
		{"May the scope of the signature name another Region than the trust anchor's?", "yes: the sandbox is the endpoint of every Region"},
		{"How long do changes of IAM take?", "none; with --break iam-slow 15 seconds, as a sandbox cannot tell a typical time"},
		{"How many calls of a group may come at once under AWS's rates?", "one second's worth"},
		{"Is DeleteTrustAnchor refused while CRLs of the anchor exist?", "no; the lists stay"},
		{"What does the CloudTrail event of CreateSession hold?", "the frame of AWS's own example, with the parameters, the certificate and the answer without secrets"},
		{"In what words are more than 5 certificates in X-Amz-X509-Chain refused?", "as every header that cannot be read: Invalid signature"},
		{"Are the session tags of CreateSession transitive?", "no; the next role's session gets none of them"},
		{"Are inherited session tags in aws:RequestTag and aws:TagKeys?", "no, only those asked for; sts:TagSession is needed all the same"},
		{"Are RSA-PSS signatures taken?", "no"},
		{"What is said of a trust anchor of one account with a Roles Anywhere profile or role of another?", "the trust anchor's account is the one that is meant; in it the Roles Anywhere profile is not found, or does not list the role"},
		{"What is said of a trust anchor in an account that there is not?", "what is said of any trust anchor that is not found; no event of it is seen anywhere"},
		{"What does ImportCrl say of a trust anchor of another account?", "that it does not exist"},
		{"Is there a least size of keys?", "none is enforced beyond what the signature needs"},
	}
}
