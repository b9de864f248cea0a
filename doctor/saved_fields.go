package doctor

// A treatment says what becomes of a value that is saved.
type treatment int

// The treatments, in the order in which they are applied: names that certificates
// and ARNs bring are known before texts are looked through for them.
const (
	asCertificate treatment = iota // DER: names relabelled, the signer named in place of the signature
	asBundle                       // the same in PEM
	asList                         // a revocation list, PEM or DER
	asARN                          // account, role, user and resources relabelled
	asName                         // a name somebody chose
	asSection                      // the name of an AWS config profile, perhaps with its prefix
	asSubject                      // a distinguished name as text
	asPath                         // a file: unknown parts relabelled
	asKeyRef                       // a file or a URI
	asAddress                      // an IP address
	asURL                          // hosts that are not AWS's relabelled
	asWord                         // of a credential_process line
	asLine                         // several words
	asConfigKey                    // the name of a key in a config file
	asPolicy                       // a policy document
	asRecord                       // an event of CloudTrail
	asText                         // sentences with anything in them
	asIs                           // numbers, times, words of ours and of AWS
)

// savedFields is all that is saved of evidence, by its path in the JSON document: []
// is each element of a list, {} each value of a map, whose keys are names. What is
// not here is not saved.
func savedFields() map[string]treatment {
	fields := map[string]treatment{
		"name": asName, "ours.roleId": asARN, "ours.permits": asName, "environment[].value": asName, "noted[].says": asText,
		"target.TrustAnchorARN": asARN, "target.ProfileARN": asARN, "target.RoleARN": asARN, "target.SessionName": asName, "target.Endpoint": asURL,
		"certificate.all[]": asCertificate, "certificate.leaf": asCertificate, "certificate.sent[]": asCertificate, "knownCAs[]": asCertificate,
		"key.ref": asKeyRef, "exchange.endpoint": asURL, "exchange.addresses[]": asAddress, "exchange.probe.value.issuer": asSubject,
		"exchange.session.value.arn": asARN, "exchange.session.value.sourceIdentity": asName, "exchange.refused.Message": asText,
		"config.profile": asSection, "config.section": asSection, "config.source": asSection, "config.sourceSays": asText, "config.lineSection": asSection, "config.keys[]": asConfigKey, "config.shadow[]": asConfigKey,
		"config.line": asLine, "config.helper.words[]": asWord, "config.helper.shell[]": asText, "config.helper.windows[]": asWord,
		"config.helper.strange[]": asWord, "config.helper.flags.{}": asWord, "config.helper.trouble": asText,
		"config.instead": asText, "config.refused": asText, "config.refusedKeys": asText, "config.near[]": asSection, "config.elsewhere[]": asPath, "config.program.elsewhere": asPath,
		"config.helper.swallowed[]": asWord, "config.helper.wrapper": asPath, "key.module": asPath, "key.token": asName,
		"config.program.name": asPath, "config.program.found": asPath, "config.program.loader": asPath,
		"aws.caller.value.Account": asARN, "aws.caller.value.ARN": asARN,
		"aws.anchor.value.ARN": asARN, "aws.anchor.value.Source.Bundle": asBundle, "aws.anchor.value.Source.PrivateCA": asARN,
		"aws.anchors.value[].ARN": asARN, "aws.anchors.value[].Source.Bundle": asBundle, "aws.profiles.value[].ARN": asARN, "aws.roles.value[].ARN": asARN,
		"aws.profile.value.ARN": asARN, "aws.profile.value.RoleARNs[]": asARN, "aws.profile.value.SessionPolicy": asPolicy,
		"aws.profile.value.ManagedPolicyARNs[]": asARN,
		"aws.crls.value[].ARN":                  asARN, "aws.crls.value[].AnchorARN": asARN, "aws.crls.value[].Name": asName, "aws.crls.value[].Data": asList,
		"aws.role.value.ARN": asARN, "aws.role.value.Name": asName, "aws.role.value.ID": asARN, "aws.role.value.TrustPolicy": asPolicy,
		"aws.role.value.PermissionsBoundary": asARN, "aws.policies.value.{}": asPolicy, "aws.limits.value.{}": asPolicy,
		"aws.privateCA.value.ARN": asARN, "aws.privateCA.value.Certificate": asBundle, "aws.privateCA.value.Chain": asBundle,
		"aws.subjects.value[].ARN": asARN, "aws.subjects.value[].X509Subject": asSubject, "aws.subjects.value[].Attempts[].Issuer": asSubject,
		"aws.disabled.value[].Username": asName, "aws.trail.value[].Username": asName, "aws.trail.value[].Record": asRecord,
	}
	for _, path := range savedAsIs() {
		fields[path] = asIs
	}
	for _, path := range []string{"certificate.file", "certificate.extra", "key.file", "caKey", "config.file", "config.credentials", "config.program"} {
		fields[path+".path"] = asPath
		fields[path+".holds"] = asText
		for _, name := range []string{"mode", "link", "foreign", "locked", "form"} {
			fields[path+"."+name] = asIs
		}
	}
	for _, path := range troubled() {
		for name, how := range map[string]treatment{"kind": asIs, "says": asText, "missing": asIs} {
			fields[path+"."+name] = how
		}
	}
	return fields
}

// savedAsIs are the fields that name nobody.
func savedAsIs() []string {
	list := []string{
		"schemaVersion", "at", "kind", "mode", "client", "offline", "noLive", "environment[].name", "environment[].empty",
		"target.Region", "target.Duration", "key.public", "key.kind", "key.hardware", "config.helper.byShell", "config.helper.noCommand",
		"aws.anchor.value.CreatedAt", "aws.anchor.value.UpdatedAt", "aws.anchor.value.Notices[].Event", "aws.anchor.value.Notices[].Enabled",
		"aws.anchor.value.Notices[].Days", "aws.profile.value.CreatedAt", "aws.profile.value.UpdatedAt", "exchange.refused.Date", "noted[].code", "noted[].at",
		"exchange.probe.value.status", "exchange.probe.value.type", "exchange.probe.value.date", "exchange.probe.value.sent", "exchange.probe.value.aws",
		"exchange.private", "exchange.session.value.expiration", "exchange.session.value.packedSize", "exchange.refused.Status", "exchange.refused.Type",
		"config.bare", "config.twice", "config.program.executable", "config.program.quarantined", "config.program.noExec", "config.program.machine", "config.program.other",
		"aws.caller.value.Partition", "aws.caller.value.Source", "aws.caller.value.ServerTime",
		"aws.anchor.value.Enabled", "aws.anchors.value[].Enabled", "aws.profile.value.Enabled", "aws.profile.value.DurationSeconds",
		"aws.profile.value.AcceptRoleSessionName", "aws.profile.value.AttributeMappings[].Field", "aws.profile.value.AttributeMappings[].Specifiers[]",
		"aws.crls.value[].Enabled", "aws.role.value.MaxSessionDuration", "aws.role.value.CreatedAt", "aws.privateCA.value.Status",
		"aws.subjects.value[].Enabled", "aws.subjects.value[].LastSeenAt", "aws.subjects.value[].Attempts[].SeenAt",
		"aws.subjects.value[].Attempts[].Serial", "aws.subjects.value[].Attempts[].Failed",
		"aws.disabled.value[].Name", "aws.disabled.value[].Time", "aws.trail.value[].Name", "aws.trail.value[].Time",
	}
	for _, path := range answered() {
		list = append(list, path+".asked")
	}
	return list
}

// troubled are the paths at which it can stand why something could not be seen.
func troubled() []string {
	list := []string{"subject", "certificate.trouble", "certificate.file.trouble", "certificate.extra.trouble", "key.trouble", "key.file.trouble", "caKey.trouble",
		"config.trouble", "config.file.trouble", "config.credentials.trouble", "config.program.trouble", "aws.trouble"}
	for _, path := range answered() {
		list = append(list, path+".trouble")
	}
	return list
}

// answered are the questions.
func answered() []string {
	list := []string{"exchange.probe", "exchange.session"}
	for _, name := range []string{"caller", "anchor", "anchors", "profile", "profiles", "crls", "role", "roles", "policies", "limits", "privateCA", "subjects", "disabled", "trail"} {
		list = append(list, "aws."+name)
	}
	return list
}
