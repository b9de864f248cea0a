package doctor

const samples = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/"

// Topics are entries that only [Explain] knows of: they lie outside this machine's
// set-up, so no check can look at them.
func Topics() []Check {
	return append(clientTopics(), wayTopics()...)
}

func topic(code Code, title, fault, why, fix, source string) Check {
	return Check{Code: code, Group: GroupTopic, Title: title, Fault: fault, Why: why, Fix: fix, Source: source}
}

// clientTopics are about programs that use the credentials.
func clientTopics() []Check {
	return []Check{
		topic("RA701", "Certificate reaches the API unspoilt", "The certificate is spoilt on its way to the API",
			"The AWS CLI's shorthand syntax does not carry newlines, commas and = of a PEM; base64 of a PEM and file:// inside of JSON are wrong, too: \"Bad certificate data\".",
			"Use --cli-input-json file://anchor.json, or anywhere setup, which speaks to the API.", "https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html"),
		topic("RA702", "Program starts a credential_process", "The program starts no credential_process",
			"Not every program does: the CloudWatch agent reads keys from a file only, Cognitect's library and the common runtime (CRT) know no other metadata endpoint.",
			"Write keys to the shared credentials file (anywhere update), or put credential_process into the AWS config profile that is used.", sourcing),
		topic("RA703", "No role is chained for longer than an hour", "A chained role is asked for longer than an hour",
			"A role that is assumed with a session of another role (source_profile) lasts an hour at most; this cannot be raised.",
			"Ask for 3600 seconds, or put the second role into the Roles Anywhere profile, so that nothing is chained.", "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining"),
		topic("RA704", "A shell is there for the Go SDK", "There is no shell for the Go SDK",
			"aws-sdk-go-v2 starts credential_process by \"sh -c\"; scratch and distroless images have no sh.",
			"Put a static sh into the image (busybox), use serve in a sidecar, or credentials from a file.", "https://github.com/aws/aws-sdk-go-v2/issues/2879"),
		topic("RA705", "The serve command is reached from where it listens", "The serve command cannot be reached from there",
			"serve binds 127.0.0.1: other hosts, other pods, and the kubelet's tcpSocket probes cannot reach it.",
			"Run it in the same pod, probe it by exec, and give each a port of its own.", helperIssue+"126"),
		topic("RA706", "The serve command gives real credentials", "The serve command gives empty credentials",
			"Older versions of AWS's helper answer with empty keys and the year 1 when CreateSession fails; botocore then says \"date value out of range\".",
			"Read serve's log for AWS's sentence and explain that; use a newer version.", "https://github.com/aws/rolesanywhere-credential-helper/pull/200"),
		topic("RA707", "Program's own message is seen", "The program hides the credential_process's own message",
			"SDKs swallow what a credential_process says, or wrap it. \"Could not load credentials from any providers\" can be any fault behind it, or AWS_PROFILE that is not set.",
			"Run the credential_process line by hand and explain what it prints; or anywhere doctor --aws-profile NAME.", sourcing),
		topic("RA708", "The credential_process answers in time", "The credential_process answers too late",
			"Some SDKs wait only seconds: the Rust SDK five. A key that waits for a PIN or a touch takes longer.",
			"Keep sessions in a cache or use serve; raise the load timeout of the program.", "https://github.com/awslabs/aws-sdk-rust/issues/462"),
		topic("RA709", "Running programs notice a renewed certificate", "A running program still uses the old certificate",
			"A program that reads the certificate once at its start goes on with the old one. A first certificate that lives shorter than the renewal margin, and is needed to get the next, locks itself out.",
			"Restart the program after renewals or use one that reads again; give the first certificate a longer life than the margin.", helperIssue+"64"),
		topic("RA711", "Token's PIN and key are named", "The token's PIN or key is not named exactly",
			"A URI must name one slot and one key. Keys that want the PIN before every signature (PIV slot 9c) cannot work unattended.",
			"Name token and object, give the PIN in a file, use slot 9a for unattended work.", helperGuide),
		topic("RA712", "System's certificate store gives the key", "The system's certificate store does not give the key",
			"AWS's helper reads CURRENT_USER on Windows, not LocalMachine, and crashes with ML-DSA keys there; macOS asks for the keychain's password for programs that are not signed.",
			"Use certificate and key files, or a store that the helper's user has.", helperIssue+"41"),
		topic("RA726", "Program knows the Region", "The program does not know the Region",
			"An SDK that is told no Region asks nobody, and one that is told another Region finds nothing there.",
			"Put region = REGION into the AWS config profile, or set AWS_REGION; the trust anchor's ARN names it.", configFiles),
		topic("RA725", "Session in use is a live one", "The session in use has ended",
			"Sessions end. Keys that were exported or written to a file by hand are not renewed.",
			"Let the SDK use the AWS config profile, and unset keys in the environment.", precedence),
	}
}

// wayTopics are about AWS, people and words.
func wayTopics() []Check {
	return []Check{
		topic("RA710", "Proxy lets both sides through", "The proxy lets only one side through",
			"HTTPS_PROXY must be set for the signer and for the SDK: with one alone, either credentials or data fail. NO_PROXY takes hosts out. AWS's helper always honours the variables since 1.7.",
			"Set HTTPS_PROXY and NO_PROXY in the service's environment; allow rolesanywhere.REGION.amazonaws.com.", helperIssue+"30"),
		topic("RA713", "Role may do what is tried", "The role may not do what is tried",
			"The session works, and the action is not allowed: by the role's policies, its boundary, the session policy, the resource's policy, or a policy of the organisation. AWS's sentence says which.",
			"Allow the action there: the role's policy for \"no identity-based policy\", the organisation for \"service control policy\".", "https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html"),
		topic("RA714", "Whoever sets it up has the permissions", "Whoever sets it up lacks a permission",
			"Setting up needs permissions of its own: iam:PassRole on each role, rolesanywhere:TagResource for tags, iam:CreateServiceLinkedRole for the first trust anchor.",
			"anywhere setup --print-policy setup prints the least policy.", samples+"security_iam_troubleshoot.html"),
		topic("RA727", "Values have the form that AWS takes", "AWS does not take a value as it was sent",
			"Names, tags, durations and policies have patterns and limits. AWS names the field, the value and the constraint; for a policy, the word that it does not know.",
			"Correct that field: names have letters, digits, blanks, - and _; principals and roles that a policy names must exist.", "https://docs.aws.amazon.com/rolesanywhere/latest/APIReference/API_CreateProfile.html"),
		topic("RA715", "Cost of a Private CA is known", "A Private CA costs more than was expected",
			"An AWS Private CA costs about 400 dollars a month, about 50 in short-lived mode, from its creation and through the days before deletion.",
			"Use a CA of your own (anywhere setup), or agree on the cost first.", "https://aws.amazon.com/private-ca/pricing/"),
		topic("RA716", "Who may issue is trusted with every name", "Whoever may issue can take every name",
			"No condition binds the subject that may be asked of a CA: whoever can issue can take any common name of its trust anchor.",
			"Use one CA and trust anchor for each circle of trust, and guard who may issue.", trustModel),
		topic("RA717", "Set-up is taken down in order", "A set-up was taken down in part, or out of order",
			"Roles Anywhere profile, revocation lists, trust anchor, role policies, role, config section, files. Tutorials leave half of it.",
			"anywhere teardown NAME removes all that it made, and nothing else.", samples+"getting-started.html"),
		topic("RA718", "Downloaded program is verified", "A downloaded program was not verified",
			"A program that handles keys should be compared with a checksum or signature before it runs; AWS publishes none for its helper at the old addresses.",
			"Use signed releases, and pin the checksum that you have verified.", helperGuide),
		topic("RA719", "Profile says whose it is", "A Roles Anywhere profile and an AWS config profile are taken for each other",
			"The Roles Anywhere profile lies in AWS and lists roles; the AWS config profile is a section of ~/.aws/config; the role is what is assumed.",
			"Say Roles Anywhere profile and AWS config profile, never one word for both.", samples+"introduction.html"),
		topic("RA720", "Machine has its files and ARNs", "The machine lacks a file or an ARN",
			"A machine needs its own certificate, that certificate's key, and the ARNs of trust anchor, Roles Anywhere profile and role. The CA's key stays elsewhere.",
			"anywhere setup makes all of it, writes the AWS config profile and proves it.", helperGuide),
		topic("RA721", "Program says what it wants", "The program was started without a command",
			"Old versions of AWS's helper print nothing without a command.", "aws_signing_helper credential-process --help; or anywhere --help.", helperGuide),
		topic("RA722", "Sections that exist are left alone", "A section that exists already is in the way",
			"The default section and sections that exist belong to their user.", "Choose another name: anywhere setup --set config.profile=NAME.", configFiles),
		topic("RA723", "Private CA lets the caller issue", "The Private CA does not let the caller issue",
			"Issuing by an AWS Private CA needs acm-pca:IssueCertificate; a CA that another account shares allows certain templates only.",
			"Allow the action and the template, or use the template that is permitted, such as EndEntityCertificate/V1.", "https://docs.aws.amazon.com/privateca/latest/userguide/template-definitions.html"),
		topic("RA724", "Private CA is active", "The Private CA is not active yet",
			"CreateTrustAnchor reads the Private CA's certificate, which is there only once the CA is ACTIVE.", "Install the CA certificate first, then make the trust anchor.", "https://docs.aws.amazon.com/privateca/latest/userguide/create-CA.html"),
	}
}
