package steps

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"anywhere/awsapi"
	"anywhere/pki"
	"anywhere/signer/keystore"
)

// The commands of this file are the equivalent of each change by hand. They
// keep what later ones need in shell variables, so that all of a plan's commands
// together are a script that somebody else can run.

// region adds --region, and --endpoint-url where the AWS is not AWS's own: old
// AWS CLIs ignore the variable and would talk to AWS.
func (e *Env) region(args ...string) []string {
	args = append(args, "--region", e.Site.Region)
	if e.Site.Endpoint != "" {
		args = append(args, "--endpoint-url", e.Site.Endpoint)
	}
	return args
}

// iam is region for a service that has no Region.
func (e *Env) iam(args ...string) []string {
	args = append([]string{"aws", "iam"}, args...)
	if e.Site.Endpoint != "" {
		args = append(args, "--endpoint-url", e.Site.Endpoint)
	}
	return args
}

// newKeyCommand is openssl's way to the same kind of key.
func newKeyCommand(kind pki.KeyKind, file string) Command {
	switch kind {
	case pki.P256:
		return Command{Args: []string{"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", file}}
	case pki.P384:
		return Command{Args: []string{"openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384", "-out", file}}
	}
	bits := strings.TrimPrefix(string(kind), "rsa-")
	return Command{Args: []string{"openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:" + bits, "-out", file}}
}

// subjectArg is openssl's -subj, its own marks escaped.
func subjectArg(name pki.Name) string {
	escape := strings.NewReplacer(`\`, `\\`, "/", `\/`, "+", `\+`).Replace
	subject := "/CN=" + escape(name.CommonName)
	if name.Organization != "" {
		subject += "/O=" + escape(name.Organization)
	}
	if name.OrganizationalUnit != "" {
		subject += "/OU=" + escape(name.OrganizationalUnit)
	}
	return subject
}

func days(from, to time.Time) string { return strconv.Itoa(max(1, int(to.Sub(from).Hours()/24))) }

func caCommands(e *Env, spec caSpec) []Command {
	if spec.Root != nil {
		return rootCommands(spec)
	}
	return []Command{
		newKeyCommand(spec.Kind, "ca.key"),
		{Args: []string{"openssl", "req", "-x509", "-new", "-key", "ca.key", "-sha256", "-days", days(spec.NotBefore, spec.NotAfter), "-out", "ca.pem",
			"-subj", subjectArg(pki.Name{CommonName: spec.CommonName, Organization: spec.Organization}),
			"-addext", "basicConstraints=critical,CA:TRUE,pathlen:0", "-addext", "keyUsage=critical,keyCertSign,cRLSign"}},
	}
}

// rootCommands make a root and, under it, the CA that issues.
func rootCommands(spec caSpec) []Command {
	return []Command{
		newKeyCommand(spec.Kind, "root.key"),
		{Args: []string{"openssl", "req", "-x509", "-new", "-key", "root.key", "-sha256", "-days", days(spec.NotBefore, spec.Root.NotAfter), "-out", "root.pem",
			"-subj", subjectArg(pki.Name{CommonName: spec.Root.CommonName, Organization: spec.Organization}),
			"-addext", "basicConstraints=critical,CA:TRUE,pathlen:1", "-addext", "keyUsage=critical,keyCertSign,cRLSign"}},
		newKeyCommand(spec.Kind, "ca.key"),
		{Args: []string{"openssl", "req", "-new", "-key", "ca.key", "-out", "ca.csr", "-subj", subjectArg(pki.Name{CommonName: spec.CommonName, Organization: spec.Organization})}},
		{File: "ca.ext", Content: "basicConstraints=critical,CA:TRUE,pathlen:0\nkeyUsage=critical,keyCertSign,cRLSign\n",
			Args: []string{"openssl", "x509", "-req", "-in", "ca.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-sha256",
				"-days", days(spec.NotBefore, spec.NotAfter), "-extfile", "ca.ext", "-out", "ca.pem"}},
	}
}

func leafCommands(e *Env, spec leafSpec) []Command {
	ca, caKey := "ca.pem", "ca.key"
	if file := e.importedCA(); file != "" {
		ca, caKey = file, e.Get("ca.private-key")
	}
	extensions := "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth\n"
	if spec.DNS != "" {
		extensions += "subjectAltName=DNS:" + spec.DNS + "\n"
	}
	if spec.URI != "" {
		extensions += "subjectAltName=URI:" + spec.URI + "\n"
	}
	return []Command{
		newKeyCommand(spec.Kind, "key.pem"),
		{Args: []string{"openssl", "req", "-new", "-key", "key.pem", "-subj", subjectArg(spec.Name), "-out", "request.pem"}},
		{File: "leaf.ext", Content: extensions,
			Args: append([]string{"openssl", "x509", "-req", "-in", "request.pem", "-CA", ca, "-CAkey", caKey, "-sha256", "-days", days(spec.NotBefore, spec.NotAfter),
				"-set_serial", "0x" + spec.Serial.Hex(), "-extfile", "leaf.ext", "-out", "certificate.pem"}, hardwareArgs(caKey)...)},
	}
}

// hardwareArgs tell openssl how to reach a key that is no file.
//
// Sources: https://github.com/OpenSC/libp11 and https://github.com/tpm2-software/tpm2-openssl
func hardwareArgs(ref string) []string {
	switch keystore.Device(ref) {
	case "PKCS #11":
		return []string{"-engine", "pkcs11", "-CAkeyform", "engine"}
	case "TPM 2.0":
		return []string{"-provider", "tpm2", "-provider", "default"}
	}
	return nil
}

// tagArgs are the AWS CLI's two ways to write tags.
func tagArgs(e *Env, format string) []string {
	args := []string{"--tags"}
	for _, key := range slices.Sorted(maps.Keys(e.OurTags())) {
		args = append(args, fmt.Sprintf(format, key, e.OurTags()[key]))
	}
	return args
}

func anchorCommands(e *Env, spec anchorSpec) []Command {
	ca, content := "ca.pem", ""
	if e.Get("ca.shape") == shapeIntermediate {
		ca = "root.pem"
	}
	if file := e.importedCA(); file != "" {
		if cert, err := e.anchorCertificate(); err == nil {
			content = string(pki.EncodeCertificates(cert)) // the file may hold more, in any format
		} else {
			ca = file
		}
	}
	source := "sourceType=CERTIFICATE_BUNDLE,sourceData={x509CertificateData@=" + "file://" + ca + "}"
	args := []string{"aws", "rolesanywhere", "create-trust-anchor", "--name", spec.Name, "--source", source, "--no-enabled"}
	for _, n := range spec.Notices {
		args = append(args, "--notification-settings", fmt.Sprintf("event=%s,enabled=true,threshold=%d,channel=ALL", n.Event, n.Days))
	}
	args = append(append(args, tagArgs(e, "key=%s,value=%s")...), "--query", "trustAnchor.trustAnchorArn", "--output", "text")
	command := Command{Sets: "ANCHOR_ARN", Args: e.region(args...)}
	if content != "" {
		command.File, command.Content = ca, strings.TrimSuffix(content, "\n")
	}
	return []Command{command}
}

func roleCommands(e *Env, spec roleSpec) []Command {
	args := []string{"create-role", "--role-name", spec.Name, "--assume-role-policy-document", "file://trust.json", "--path", spec.Path,
		"--max-session-duration", strconv.Itoa(spec.MaxSession)}
	if spec.Boundary != "" {
		args = append(args, "--permissions-boundary", spec.Boundary)
	}
	args = append(append(args, tagArgs(e, "Key=%s,Value=%s")...), "--query", "Role.Arn", "--output", "text")
	return []Command{{Sets: "ROLE_ARN", File: "trust.json", Content: withAnchor(spec.Trust, "$ANCHOR_ARN"), Args: e.iam(args...)}}
}

func trustCommands(e *Env, role, document string) []Command {
	return []Command{{File: "trust.json", Content: withAnchor(document, "$ANCHOR_ARN"),
		Args: e.iam("update-assume-role-policy", "--role-name", role, "--policy-document", "file://trust.json")}}
}

func permitCommands(e *Env, spec permitSpec) []Command {
	if spec.ARN != "" {
		return []Command{{Args: e.iam("attach-role-policy", "--role-name", spec.Role, "--policy-arn", spec.ARN)}}
	}
	return []Command{{File: "permissions.json", Content: spec.Document,
		Args: e.iam("put-role-policy", "--role-name", spec.Role, "--policy-name", spec.Policy, "--policy-document", "file://permissions.json")}}
}

func profileCommands(e *Env, spec profileSpec) []Command {
	role := "$ROLE_ARN"
	if spec.Role != "" {
		role = spec.Role
	}
	args := []string{"aws", "rolesanywhere", "create-profile", "--name", spec.Name, "--role-arns", role,
		"--duration-seconds", strconv.Itoa(spec.Duration), "--no-enabled"}
	if spec.SessionPolicy != "" {
		args = append(args, "--session-policy", spec.SessionPolicy)
	}
	args = append(append(args, tagArgs(e, "key=%s,value=%s")...), "--query", "profile.profileArn", "--output", "text")
	return []Command{{Sets: "PROFILE_ARN", Args: e.region(args...)}}
}

func mappingCommands(spec profileSpec) []Command {
	return []Command{{Args: []string{"aws", "rolesanywhere", "put-attribute-mapping", "--profile-id", "${PROFILE_ARN##*/}",
		"--certificate-field", spec.Mapping.Field, "--mapping-rules", "specifier=" + strings.Join(spec.Mapping.Specifiers, " specifier=")}}}
}

func addRoleCommands(e *Env, there awsapi.Profile) []Command {
	role := e.roleARN()
	if role == "" {
		role = "$ROLE_ARN"
	}
	args := append([]string{"aws", "rolesanywhere", "update-profile", "--profile-id", there.ID, "--role-arns"}, there.RoleARNs...)
	return []Command{{Args: e.region(append(args, role)...)}}
}

// sessionCommands is what session.json replaces: the same by AWS's helper.
func sessionCommands(e *Env) []Command {
	args := []string{"aws_signing_helper", "credential-process", "--certificate", "certificate.pem", "--private-key", "key.pem"}
	for _, arn := range []struct{ flag, known, variable string }{
		{"--trust-anchor-arn", e.anchorARN(), "$ANCHOR_ARN"}, {"--profile-arn", e.profileARN(), "$PROFILE_ARN"}, {"--role-arn", e.roleARN(), "$ROLE_ARN"},
	} {
		if !strings.HasPrefix(arn.known, "arn:") {
			arn.known = arn.variable
		}
		args = append(args, arn.flag, arn.known)
	}
	args = append(args, "--session-duration", e.Get("session.duration"))
	if e.Site.Endpoint != "" {
		args = append(args, "--endpoint", e.Site.Endpoint)
	}
	return []Command{{Args: args, Alone: true}}
}

func enableCommands(e *Env, what, id string) []Command {
	return []Command{{Args: e.region("aws", "rolesanywhere", "enable-"+what, "--"+what+"-id", id)}}
}

func configCommands(spec configSpec) []Command {
	var commands []Command
	for _, pair := range spec.Pairs {
		commands = append(commands, Command{Args: []string{"aws", "configure", "set", pair[0], pair[1], "--profile", spec.Name}})
	}
	return commands
}
