package steps

// Lesson explains one stretch of the road to somebody who has never seen it:
// what it is, why AWS wants it, and where AWS says so.
type Lesson struct {
	Title string
	What  string
	Why   string
	Link  string
}

// LessonOf is the lesson of a step; the zero value for one that has none.
func LessonOf(id ID) Lesson { return lessons[id] }

const guide = "https://docs.aws.amazon.com/rolesanywhere/latest/userguide/"

var lessons = map[ID]Lesson{
	StepLook: {"Where you are",
		"An AWS account and a Region, and who is asking. In the sandbox it is an AWS on this machine, with the same checks and no bill.",
		"Trust anchors and Roles Anywhere profiles live in one Region. Who sets up needs rights in IAM and Roles Anywhere; the machine itself gets none of them.",
		guide + "getting-started.html"},
	StepCA: {"A certificate authority",
		"A key that signs other certificates, and a certificate that says so. Whoever has the key can name machines; whoever has the certificate can check the names.",
		"AWS does not know your machines. It knows one authority, and believes what that authority has signed.",
		guide + "trust-model.html"},
	StepCertificate: {"The certificate of this machine",
		"A key that never leaves this machine, and a paper signed by the authority that says whose key it is: a name, a serial number, from when to when.",
		"Every request for a session is signed with that key. AWS takes the name (CN) as source identity and the serial as the name of the session, so both stand in CloudTrail.",
		guide + "authentication.html"},
	StepAnchor: {"A trust anchor",
		"AWS's copy of the authority's certificate, in one account and Region. It holds no key.",
		"It tells Roles Anywhere which certificates to look at at all. What they may do is decided by the role.",
		guide + "introduction.html"},
	StepRole: {"A role and its trust policy",
		"What the machine becomes: an IAM role. Its trust policy says who may become it, here rolesanywhere.amazonaws.com, for this trust anchor and this name only.",
		"Without conditions every certificate of every trust anchor in the account could use the role. aws:SourceArn ties it to the anchor, aws:PrincipalTag/x509Subject/CN to the machine.",
		guide + "trust-model.html"},
	StepPermissions: {"What the machine may do",
		"A policy on the role: which actions on which resources. Nothing is a fine beginning: anybody may ask AWS who he is.",
		"Sessions can do what the role may do, for as long as they live. So the role should be able to do little.",
		"https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html"},
	StepProfile: {"A Roles Anywhere profile",
		"A list of roles that may be asked for, how long their sessions live, and a policy that can narrow them. It is not the AWS config profile in ~/.aws/config.",
		"A session is asked for with a certificate, a role and a Roles Anywhere profile that lists the role. Disable it, and nobody gets a new session through it.",
		guide + "getting-started.html"},
	StepOpen: {"Opening the door",
		"The Roles Anywhere profile and the trust anchor are made disabled and enabled now, last of all.",
		"A set-up that was killed half-way has opened nothing.",
		guide + "introduction.html"},
	StepSession: {"A session",
		"The machine signs a request with its key; AWS answers with temporary credentials: two keys, a token and the time they end.",
		"CreateSession checks the signature, the certificate against the trust anchor, the role against the Roles Anywhere profile, and all of it against the trust policy of the role.",
		guide + "authentication-create-session.html"},
	StepBinary: {"The program that signs",
		"The AWS CLI and the SDKs start it when they need credentials. So it must stay where it is.",
		"A path that goes away with a shell or with the next version would take the credentials with it.",
		"https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html"},
	StepConfig: {"An AWS config profile",
		"A section of the AWS config file with one line that says which program gives the credentials: credential_process.",
		"Every AWS CLI and SDK reads it, so nothing that you run has to know of Roles Anywhere. The rest of the file stays as it is, byte for byte.",
		"https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html"},
	StepProof: {"The proof",
		"The line in the AWS config file is run as the AWS CLI runs it, and AWS is asked who that is. Then a stranger's certificate, of the same authority, is tried: it must be refused.",
		"That something was made does not say that it works, or that it keeps others out.",
		guide + "authentication.html"},
}
