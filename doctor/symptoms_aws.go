package doctor

// symptom is a sentence that programs print, and what it can come from.
type symptom struct {
	// says are its forms; * stands for what varies. Case and blanks do not matter.
	says []string
	// codes are the possible causes, likeliest first.
	codes []Code
	// means tells somebody who never saw it what it says, and how to tell the
	// causes apart if there are several.
	means string
	// wrapper says that it stands around another message, which counts more.
	wrapper bool
}

// awsSymptoms are answers of AWS beyond those of the table of refusals.
func awsSymptoms() []symptom {
	return []symptom{
		{says: []string{"incorrect basic constraints", "basic constraints for ca certificate"}, codes: []Code{"RA152", "RA151"},
			means: "CreateTrustAnchor was given a certificate that does not say CA:TRUE; a path length is not asked for"},
		{says: []string{"bad certificate data", "does not survive the cli's shorthand", "x509certificatedata=$(cat", "error parsing parameter '--source'"}, codes: []Code{"RA701"},
			means: "the certificate's text was spoilt on its way into the request"},
		{says: []string{"given aws pca did not allow get request", "aws pca did not allow"}, codes: []Code{"RA724"}, means: "the AWS Private CA is not active yet"},
		{says: []string{"is not authorized to perform: iam:createservicelinkedrole", "allows for the iam:createservicelinkedrole", "iam:createservicelinkedrole action"}, codes: []Code{"RA714"},
			means: "the first trust anchor of an account needs the service-linked role"},
		{says: []string{"is not authorized to perform: iam:passrole", "no identity-based policy allows the iam:passrole", "iam:passrole"}, codes: []Code{"RA714"}, means: "whoever makes, changes or enables a Roles Anywhere profile needs iam:PassRole on its roles"},
		{says: []string{"is not authorized to perform: rolesanywhere:", "no identity-based policy allows the rolesanywhere:", "no identity-based policy allows the iam:create", "no identity-based policy allows the iam:put", "no identity-based policy allows the iam:attach", "is not authorized to perform: iam:create", "allows the rolesanywhere:tagresource action"}, codes: []Code{"RA714"},
			means: "the caller of the control plane lacks a permission"},
		{says: []string{"with an explicit deny in a service control policy", "explicit deny in a resource control policy", "explicit deny in a service control"}, codes: []Code{"RA309", "RA713"},
			means: "a policy of the organisation denies it, whatever the account allows"},
		{says: []string{"service control policy", "organizations scp", "aws organizations scp"}, codes: []Code{"RA309", "RA713"}, means: "a policy of the organisation denies it"},
		{says: []string{"with an explicit deny in an identity-based policy", "with an explicit deny in a permissions boundary"}, codes: []Code{"RA713", "RA308"}, means: "a policy of the role denies the action"},
		{says: []string{"is not authorized to perform: * because no session policy allows the", "because no session policy allows", "with an explicit deny in a session policy"}, codes: []Code{"RA212", "RA713"}, means: "the session policy of the Roles Anywhere profile is narrower than what was tried"},
		{says: []string{"is not authorized to perform: * because no permissions boundary allows the", "because no permissions boundary allows", "is not authorized to perform: * with an explicit deny in a permissions boundary"}, codes: []Code{"RA308", "RA713"}, means: "the role's permissions boundary is narrower than what was tried"},
		{says: []string{"because no identity-based policy allows the * action * passes seconds later", "passes seconds later", "works seconds later", "first run straight after apply"}, codes: []Code{"RA310", "RA713"},
			means: "IAM takes some seconds to spread a change; if it stays, the role lacks the permission"},
		{says: []string{"because no identity-based policy allows the", "is not authorized to perform: * on resource"}, codes: []Code{"RA713", "RA310"},
			means: "the session works, and the role may not do this; right after a change, wait some seconds"},
		{says: []string{"is not authorized to perform: sts:tagsession", "is not authorized to perform: sts:setsourceidentity"}, codes: []Code{"RA301"}, means: "the trust policy lacks an action that Roles Anywhere needs"},
		{says: []string{"exceeds the 1 hour session limit for roles assumed by role chaining", "session limit for roles assumed by role chaining"}, codes: []Code{"RA703"},
			means: "a role that is assumed with a session of another role lasts an hour at most"},
		{says: []string{"durationseconds exceeds the maxsessionduration"}, codes: []Code{"RA205"}, means: "the session would be longer than the role allows"},
		{says: []string{"member must have value less than or equal to", "member must have value greater than or equal to 900", "at 'durationseconds' failed to satisfy constraint"}, codes: []Code{"RA205"}, means: "a duration is outside of what AWS takes: 900 to 43200 seconds"},
		{says: []string{"trust anchor is disabled", "trust anchor is not enabled", "trust anchor is not active", "specified trust anchor is disabled", "trust anchor disabled"}, codes: []Code{"RA201"}, means: "the trust anchor is switched off"},
		{says: []string{"profile is disabled", "profile is not enabled", "profile is not active", "specified profile is disabled"}, codes: []Code{"RA203"}, means: "the Roles Anywhere profile is switched off"},
		{says: []string{"invalid or empty profile"}, codes: []Code{"RA203", "RA209", "RA204"}, means: "no Roles Anywhere profile of that ARN is in this account and Region: a wrong ARN, a wrong Region, or one without roles"},
		{says: []string{"attributes fail to be mapped into session tags", "attributes failed to be mapped into session tags", "fail to be mapped into session tag"}, codes: []Code{"RA119", "RA302", "RA159"},
			means: "a name of the certificate has characters that no session tag may have, so the tag is missing; then a condition of the role fails"},
		{says: []string{"a condition on a tag that is not set", "tag that is not set denies", "attributemappings: null", "attributemappings null"}, codes: []Code{"RA210", "RA302"},
			means: "the role's condition needs a session tag that the Roles Anywhere profile does not set"},
		{says: []string{"certificate revoked", "certificate has been revoked", "certificate is revoked"}, codes: []Code{"RA206"}, means: "the certificate is on a revocation list of the trust anchor"},
		{says: []string{"crl is not signed by", "crl signature", "another ca signed the crl"}, codes: []Code{"RA216"}, means: "the list was signed by another CA than the anchor's"},
		{says: []string{"too many crls", "limit of 2 crls", "crls per trust anchor", "limitexceeded", "cannot exceed quota", "quota exceeded", "servicequotaexceeded"}, codes: []Code{"RA214", "RA211"}, means: "a quota is used up: two lists an anchor, two certificates an anchor, 50 anchors, 250 Roles Anywhere profiles"},
		{says: []string{"nextupdate", "crl has expired", "crl is expired", "crl has a nextupdate", "crl is stale"}, codes: []Code{"RA211"}, means: "a revocation list must be renewed before its next update"},
		{says: []string{"rate exceeded", "throttlingexception", "too many requests", "createsession threshold", "createsession threashold", "requestlimitexceeded"}, codes: []Code{"RA405"},
			means: "AWS was asked more often than the quota allows"},
		{says: []string{"not authorized to set rolesessionname", "at 'rolesessionname' failed to satisfy constraint", "rolesessionname failed to satisfy"}, codes: []Code{"RA207"}, means: "the Roles Anywhere profile takes no session name"},
		{says: []string{"acm-pca:issuecertificate", "acm-pca:", "because no resource-based policy allows the acm-pca"}, codes: []Code{"RA723", "RA713"}, means: "the Private CA does not let this caller issue"},
		{says: []string{"signing certificate for the ca you specified in the request has expired"}, codes: []Code{"RA155", "RA723"}, means: "the Private CA's own certificate has ended, or ACM may not ask it"},
		{says: []string{"toomanytagsexception", "packed policy consumes", "packedpolicytoolarge"}, codes: []Code{"RA208"}, means: "policies and tags do not fit into a session"},
		{says: []string{"security token included in the request is expired", "expiredtoken", "expired token"}, codes: []Code{"RA725", "RA709"}, means: "the session is over, and nobody has got a new one"},
		{says: []string{"security token included in the request is invalid", "invalidclienttokenid", "unrecognizedclientexception"}, codes: []Code{"RA725", "RA502", "RA409"}, means: "the keys in use are not those of a live session of this partition"},
		{says: []string{"signature expired", "signature not yet current", "requesttimetooskewed", "difference between the request time and the current time is too large", "request time too skewed"}, codes: []Code{"RA401"}, means: "this machine's clock is wrong"},
		{says: []string{"signaturedoesnotmatch", "request signature we calculated does not match"}, codes: []Code{"RA401", "RA403"}, means: "the request was changed on its way, or the clock is wrong"},
		{says: []string{"invalid principal in policy", "malformedpolicydocument"}, codes: []Code{"RA714", "RA300"}, means: "IAM does not take the policy: a role that it names is gone, or its form is wrong"},
		{says: []string{"role will not appear in the drop-down", "role does not appear in the drop-down", "not appear in the drop-down list when creating a profile", "role is not in the drop-down"}, codes: []Code{"RA304", "RA301"},
			means: "the console lists only roles that trust rolesanywhere.amazonaws.com"},
		{says: []string{"reachable from any trust anchor", "any trust anchor in any account", "without aws:sourcearn", "no aws:sourcearn"}, codes: []Code{"RA303"}, means: "the trust policy names no trust anchor"},
		{says: []string{"unsupported partition", "partitions fail closed", "arn:aws-cn", "partition mismatch", "cn-north-1", "cn-northwest-1"}, codes: []Code{"RA209", "RA409"},
			means: "partitions are separate worlds: ARNs and endpoint must be of one"},
		{says: []string{"trust anchor and profile regions don't match", "regions don't match"}, codes: []Code{"RA209"}, means: "trust anchor and Roles Anywhere profile lie in different Regions"},
		{says: []string{"failed to parse trust anchor arn", "failed to parse profile arn", "invalid role arn", "arn: invalid prefix", "arn: not enough sections"}, codes: []Code{"RA209"}, means: "an ARN is mistyped, or two were swapped"},
		{says: []string{"resourcenotfoundexception"}, codes: []Code{"RA201", "RA203", "RA209"}, means: "the thing is not in this account and Region"},
		{says: []string{"untrusted certificate. insufficient certificate", "insufficient certificate"}, codes: []Code{"RA113", "RA111", "RA112", "RA114", "RA115", "RA118"},
			means: "the certificate breaks a rule for machines' certificates; anywhere explain FILE says which"},
		{says: []string{"untrusted signing certificate", "untrusted certificate"}, codes: []Code{"RA121", "RA202", "RA115", "RA125"},
			means: "AWS does not get from the certificate to the anchor's CA: a missing intermediate, another CA, or a certificate out of date"},
		{says: []string{"invalid signature"}, codes: []Code{"RA401", "RA104", "RA403"},
			means: "the clock is off by minutes, the key is not the certificate's, or a proxy changes the request; AWS says no word about time. The doctor compares clock and key"},
		{says: []string{"unable to assume role for"}, codes: []Code{"RA302", "RA301", "RA303", "RA117", "RA300", "RA310", "RA309"},
			means: "the role's trust policy does not let this certificate in; AWS has one sentence for all of its reasons. The doctor reads the policy"},
		{says: []string{"is not authorized to perform: sts:assumerole", "not authorized to perform sts:assumerole"}, codes: []Code{"RA301", "RA304", "RA302", "RA303", "RA204"},
			means: "the role's trust policy does not allow Roles Anywhere: principal, actions, aws:SourceArn or the list of the Roles Anywhere profile; where it names an assumed-role as user, it can be a second role that does not trust the first (role_arn with source_profile)"},
		{says: []string{"requested role isn't one of those listed", "role isn't one of those listed in the profile", "role is not listed in the profile"}, codes: []Code{"RA204"}, means: "the Roles Anywhere profile does not list the role"},
		{says: []string{"trust anchor wasn't found", "trust anchor was not found", "trust anchor not found"}, codes: []Code{"RA201", "RA209"}, means: "no trust anchor of that ARN is in this account and Region"},
	}
}
