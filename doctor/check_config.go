package doctor

import (
	"fmt"
	"slices"
	"strings"
)

const (
	sourcing    = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-sourcing-external.html"
	configFiles = "https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-files.html"
	precedence  = "https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html"
)

// configChecks look at the AWS config profile that starts the signer.
func configChecks() []Check {
	return []Check{
		{
			Code: "RA504", Group: GroupConfig, Title: "AWS config profile is where the SDK looks", Judge: profileFound,
			Fault:  "The AWS config profile is not where the SDK looks",
			Why:    "In the config file a section is [profile NAME], in the credentials file [NAME]. A service often has another HOME or AWS_CONFIG_FILE than the shell. An SDK says \"The config profile could not be found\".",
			Fix:    "Write [profile NAME] into ~/.aws/config of the user that runs the program, or set AWS_CONFIG_FILE for the service.",
			Source: configFiles,
		},
		{
			Code: "RA505", Group: GroupConfig, Title: "Section stands once in the file", Needs: []Code{"RA504"}, Judge: standsOnce,
			Fault:  "The section stands more than once in the file",
			Why:    "SDKs differ on a section that stands twice: some merge them, and the AWS CLI refuses the whole file.",
			Fix:    "Merge the sections into one.",
			Source: configFiles,
		},
		readByAll(),
		{
			Code: "RA501", Group: GroupConfig, Title: "The credential_process is one line that every SDK reads alike", Needs: []Code{"RA504"}, Judge: lineWhole,
			Fault:  "SDKs cannot read the credential_process line as it is",
			Why:    "A config file knows no line continued by a backslash: what follows is lost, and the helper then looks into the system's certificate store (\"multiple matching identities\", \"unable to use cert store signer on linux\"). ~ and variables are not expanded, either.",
			Fix:    "Write credential_process on one line with absolute paths, without quotes, blanks in paths, backslashes and ~.",
			Source: helperIssue + "151",
		},
		{
			Code: "RA510", Group: GroupConfig, Title: "Every word of the line is understood", Needs: []Code{"RA501"}, Judge: wordsKnown,
			Fault:  "The line has words that the program does not understand",
			Why:    "AWS's helper ignores words that belong to no flag. A flag behind a stray \"\\ \" is lost in silence.",
			Fix:    "Take the stray words out of the line.",
			Source: helperIssue + "96",
		},
		{
			Code: "RA512", Group: GroupConfig, Title: "Paths need no quotes", Needs: []Code{"RA501"}, Judge: noQuotes,
			Fault:  "SDKs split the credential_process line differently",
			Why:    "SDKs split the line in different ways: PowerShell and .NET cut a quoted path at the blank (\"'C:\\Program' is not recognized\"), ExAWS ignores quotes.",
			Fix:    "Put program and files where no path has a blank; on Windows use the short name, such as C:\\PROGRA~1.",
			Source: "https://github.com/aws/aws-tools-for-powershell/issues/393",
		},
		{
			Code: "RA503", Group: GroupConfig, Title: "Program of the line can be run", Needs: []Code{"RA501", "RA520"}, Judge: programRuns,
			Fault:  "The program of the line cannot be run",
			Why:    "The program must be there, executable and built for this machine. aws_signing_helper is not a part of the AWS CLI: it is a download of its own. A relative path counts from wherever the SDK runs.",
			Fix:    "Install the program, name it by its absolute path, and chmod +x it; anywhere setup copies itself to ~/.anywhere/bin.",
			Source: helperGuide,
		},
		{
			Code: "RA511", Group: GroupConfig, Title: "Program fits this system", Needs: []Code{"RA503"}, Judge: programFits,
			Fault:  "The program does not fit this system",
			Why:    "A program that is linked to glibc is \"not found\" on Alpine although it is there, an old system says \"version `GLIBC_2.32' not found\", and one for another CPU is an \"exec format error\".",
			Fix:    "Use a static program such as anywhere-signer, one built for this CPU, or an image with glibc (gcompat on Alpine).",
			Source: helperIssue + "62",
		},
		{
			Code: "RA513", Group: GroupConfig, Title: "System lets the program start", Needs: []Code{"RA503"}, Judge: programAllowed,
			Fault:  "The system does not let the program start",
			Why:    "macOS marks downloads of a browser (quarantine) and opens none that is not notarised; a file system mounted noexec and SELinux labels (user_tmp_t after mv from /tmp) forbid it, too: \"permission denied\".",
			Fix:    "macOS: xattr -d com.apple.quarantine FILE. SELinux: restorecon -v FILE. noexec: put the program elsewhere.",
			Source: helperIssue + "87",
		},
		{
			Code: "RA506", Group: GroupConfig, Title: "Credentials file has no section of the same name", Needs: []Code{"RA504"}, Judge: notShadowed,
			Fault:  "The credentials file hides the AWS config profile",
			Why:    "Keys in a section of the same name in ~/.aws/credentials win over credential_process in ~/.aws/config.",
			Fix:    "Remove the keys from the credentials file, or give the AWS config profile another name.",
			Source: precedence,
		},
		{
			Code: "RA502", Group: GroupConfig, Title: "No other credentials hide it", Judge: nothingHides,
			Fault:  "Other credentials hide the AWS config profile",
			Why:    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY win over AWS_PROFILE, though not over --profile; so do AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN. sts get-caller-identity then shows the old identity.",
			Fix:    "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN.",
			Source: "https://github.com/aws/aws-cli/issues/7174",
		},
		{
			Code: "RA507", Group: GroupConfig, Title: "AWS config profile stands for itself", Needs: []Code{"RA504"}, Judge: noChain,
			Fault:  "The AWS config profile depends on another one",
			Why:    "An AWS config profile with source_profile assumes a further role: at most an hour long, and some SDKs (CRT: Mountpoint) cannot start a credential_process behind source_profile.",
			Fix:    "Put credential_process into the AWS config profile that is used, and the second role into the Roles Anywhere profile if it is of the same account.",
			Source: "https://github.com/awslabs/mountpoint-s3/issues/927",
		},
		{
			Code: "RA508", Group: GroupConfig, Title: "Variables agree on the AWS config profile", Judge: namesAgree,
			Fault:  "Two variables name different AWS config profiles",
			Why:    "The AWS CLI and boto3 take AWS_DEFAULT_PROFILE before AWS_PROFILE, the Go SDK the other way round: two programs on one machine then act as two.",
			Fix:    "unset AWS_DEFAULT_PROFILE.",
			Source: "https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html",
		},
		{
			Code: "RA509", Group: GroupConfig, Title: "No variable is set to nothing", Judge: noEmpty,
			Fault:  "A variable is set to nothing",
			Why:    "Some programs take an empty variable for an answer: with an empty AWS_PROFILE the AWS CLI says \"The config profile () could not be found\"; with an empty AWS_CA_BUNDLE the AWS CLI and boto3 (botocore 1.43) verify no server's certificate at all; an empty AWS_BEARER_TOKEN_BEDROCK makes an SDK use an API key that is not there.",
			Fix:    "unset the variable instead of setting it to nothing.",
			Source: "https://docs.aws.amazon.com/sdkref/latest/guide/environment-variables.html",
		},
	}
}

func (p *Patient) noConfig() bool { return p.Config.Profile == "" }

// ofLine makes a finding about a value of a credential_process line follow from
// what is wrong with the line: the value was cut, or is not what was meant.
func (p *Patient) ofLine(f Finding) Finding {
	if p.Kind != KindAWSProfile {
		return f
	}
	switch {
	case lineWhole(p).Verdict == Fail:
		f.follows = "RA501"
	case wordsKnown(p).Verdict == Fail:
		f.follows = "RA510"
	case filesAbsolute(p).Verdict == Fail:
		f.follows = "RA514"
	case linesFlags(p).Verdict == Fail:
		f.follows = "RA521"
	}
	return f
}

func profileFound(p *Patient) Finding {
	c := p.Config
	switch {
	case c.Trouble != nil:
		found := fail(c.Trouble.Says, Seen{"config file", c.File.Path}).with("", c.Trouble.Fix)
		for _, near := range c.Near {
			found.Evidence = append(found.Evidence, Seen{"there is", "[" + near + "]"})
		}
		if len(c.Elsewhere) > 0 {
			found.Says = "it stands in " + c.Elsewhere[0] + ", which is not the file that is read here"
			found = found.with("Another HOME or AWS_CONFIG_FILE leads to another file: write the section into the one that this program reads, or name the other.",
				"export AWS_CONFIG_FILE="+quoted(c.Elsewhere[0]))
		}
		return p.absentFix(found)
	case p.noConfig():
		return skip("no AWS config profile leads to it")
	case c.Bare:
		return fail("the section is ["+c.Profile+"], SDKs look for [profile "+c.Profile+"]", Seen{"config file", c.File.Path})
	}
	return pass("it is", Seen{"config file", c.File.Path}, Seen{"section", "[" + c.Section + "]"})
}

// absentFix puts our own section back that is gone. One that was only renamed, or
// stands in another file, is somebody's doing.
func (p *Patient) absentFix(f Finding) Finding {
	c := p.Config
	unread := c.File.Trouble != nil && c.File.Trouble.Kind != Missing
	if p.Ours == nil || p.Ours.Lines == "" || c.Trouble.Kind != Missing || unread || len(c.Near)+len(c.Elsewhere) > 0 || c.File.Path != p.Ours.File {
		return f
	}
	add := AbsentSection{File: p.Ours.File, Section: p.Ours.Section}
	for line := range strings.SplitSeq(p.Ours.Lines, "\n") {
		key, value, _ := strings.Cut(line, "=")
		add.Pairs = append(add.Pairs, [2]string{key, value})
	}
	f.Fix = &Fix{Text: "Write our own section again.", Command: "anywhere doctor " + quoted(p.Name) + " --fix=RA504", Automatic: true, Edit: &Edit{Absent: &add}}
	return f
}

func standsOnce(p *Patient) Finding {
	switch {
	case p.noConfig():
		return skip("no AWS config profile leads to it")
	case p.Config.Twice > 1:
		return fail(fmt.Sprintf("it stands there %d times", p.Config.Twice), Seen{"section", "[" + p.Config.Section + "]"}, Seen{"config file", p.Config.File.Path})
	}
	return pass("it does")
}

// lineWhole names what SDKs stumble over.
func lineWhole(p *Patient) Finding {
	c := p.Config
	seen := []Seen{{"credential_process", c.Line}}
	switch {
	case p.noConfig() || c.Line == "":
		return skip("there is no credential_process")
	case strings.HasSuffix(strings.TrimSpace(c.Line), `\`), strings.Contains(c.Line, "\n"):
		return p.lineFix(fail("the line goes on over several lines, which no SDK reads", seen...))
	case printed(c.Line) != "":
		return p.lineFix(fail("it has typographic characters, as web pages and word processors make them: "+printed(c.Line), seen...)).
			orText("Type the line again with plain \" and --, and without non-breaking blanks.")
	case c.Helper.Trouble != "":
		return p.lineFix(fail(c.Helper.Trouble, seen...))
	case slices.ContainsFunc(c.Helper.Words, func(w string) bool { return strings.TrimSpace(w) != w || w == "" }):
		return p.lineFix(fail(`a "\ " makes a word of blanks`, seen...))
	case slices.ContainsFunc(c.Helper.Words, func(w string) bool {
		return !c.Helper.ByShell && (strings.HasPrefix(w, "~") || strings.Contains(w, "$"))
	}):
		return p.lineFix(fail("~ and $ are not expanded", seen...)).orText("Write the paths out, from / on.")
	}
	return pass("it is", seen...)
}

// lineFix puts our own line back, if the section is ours.
func (p *Patient) lineFix(f Finding) Finding {
	if p.Ours == nil || p.Ours.Line == "" || p.Ours.File == "" {
		return f
	}
	f.Fix = &Fix{Text: "Write our own line again.", Command: "anywhere doctor " + quoted(p.Name) + " --fix=RA501", Automatic: true,
		Edit: &Edit{Section: &Section{p.Ours.File, p.Ours.Section, "credential_process", p.Ours.Line}}}
	return f
}

func wordsKnown(p *Patient) Finding {
	switch {
	case p.noConfig() || len(p.Config.Helper.Words) == 0:
		return skip("there is no credential_process")
	case p.Client == ClientOther:
		return skip("the program is not known, and not run")
	case p.Config.Helper.NoCommand:
		return fail("behind the program the word credential-process is missing", Seen{"credential_process", p.Config.Line}).
			with("Write credential-process before the flags.", "")
	case len(p.Config.Helper.Strange) > 0:
		return p.strayWords()
	}
	return pass("it is")
}

func noQuotes(p *Patient) Finding {
	switch {
	case p.noConfig() || len(p.Config.Helper.Words) == 0:
		return skip("there is no credential_process")
	case slices.ContainsFunc(p.Config.Helper.Words, func(w string) bool { return w != "(not shown)" && strings.ContainsAny(w, " \t") }):
		return warn("a path has a blank: SDKs split the line in different ways", Seen{"credential_process", p.Config.Line},
			Seen{"the AWS CLI reads", strings.Join(p.Config.Helper.Words, " | ")}, Seen{".NET and cmd.exe read", strings.Join(p.Config.Helper.Windows, " | ")})
	case len(p.Config.Helper.Shell) > 0:
		return warn("the Go SDK, which gives the line to a shell, reads it in another way", Seen{"credential_process", p.Config.Line},
			Seen{"the AWS CLI reads", strings.Join(p.Config.Helper.Words, " | ")}, Seen{"a shell reads", strings.Join(p.Config.Helper.Shell, " | ")})
	}
	return pass("they need none")
}

func (p *Patient) programSeen() []Seen {
	return []Seen{{"program", p.Config.Program.Name}, {"found at", p.Config.Program.Found}}
}

func programRuns(p *Patient) Finding {
	g := p.Config.Program
	switch {
	case g.Name == "":
		return skip("no program is named")
	case g.Trouble != nil && g.Trouble.Kind == Missing:
		if g.Elsewhere != "" {
			return fail("the program is gone from there: perhaps an upgrade moved it", append(p.programSeen(), Seen{"PATH finds", g.Elsewhere})...).
				with("Write the path where the program is now, best one that no upgrade changes, such as a link in /usr/local/bin.", "")
		}
		return fail("there is no such program", p.programSeen()...)
	case g.Trouble != nil && g.Trouble.Kind == Unsupported:
		return fail(g.Trouble.Says, p.programSeen()...).with("Name the program in it, by its absolute path.", "")
	case g.Trouble != nil:
		return unknown(g.Trouble.Says, p.programSeen()...)
	case !g.Executable:
		return fail("the file is not executable", append(p.programSeen(), Seen{"mode", mode(g.FileSeen)})...).with("", "chmod +x "+quoted(g.Found))
	case strings.HasPrefix(g.Name, "./") || strings.HasPrefix(g.Name, "../"):
		return fail("the path is relative: it counts from wherever the SDK runs", p.programSeen()...)
	}
	return pass("it can", p.programSeen()...)
}

func programFits(p *Patient) Finding {
	g := p.Config.Program
	switch {
	case g.Found == "":
		return skip("no program was found")
	case g.Machine != "":
		return fail("it is built for "+g.Machine, p.programSeen()...)
	case g.Other != "":
		return fail("it is no program of this system, but "+g.Other, p.programSeen()...)
	case g.Loader != "":
		return fail("it asks for the loader "+g.Loader+", which is not here", p.programSeen()...)
	}
	return pass("it does")
}

func programAllowed(p *Patient) Finding {
	g := p.Config.Program
	switch {
	case g.Found == "":
		return skip("no program was found")
	case g.Quarantined:
		return fail("macOS keeps it in quarantine", p.programSeen()...).with("", "xattr -d com.apple.quarantine "+quoted(g.Found))
	case g.NoExec:
		return fail("its file system is mounted noexec", p.programSeen()...)
	}
	return pass("it does")
}

func notShadowed(p *Patient) Finding {
	switch {
	case p.noConfig():
		return skip("no AWS config profile leads to it")
	case slices.Contains(p.Config.Shadow, "aws_access_key_id"):
		return fail("the credentials file has keys under the same name", Seen{"credentials file", p.Config.Credentials.Path}, Seen{"section", "[" + p.Config.Profile + "]"})
	}
	return pass("it has none")
}

// nothingHides looks only at variables that win over this very profile: keys
// beside an AWS_PROFILE that names another one hide nothing of it.
func nothingHides(p *Patient) Finding {
	if p.noConfig() {
		return skip("no AWS config profile leads to it")
	}
	if p.chosen() {
		for _, w := range winners() {
			if !slices.ContainsFunc(w.names, func(name string) bool { v, set := p.env(name); return !set || v.Empty }) {
				return fail(w.names[0]+" wins over the AWS config profile", Seen{"AWS_PROFILE", p.Config.Profile}, Seen{w.names[0], "set"}).
					with("", "unset "+w.unset)
			}
		}
	}
	if slices.Contains(p.Config.Keys, "aws_access_key_id") {
		return fail("the section has keys of its own: the Go SDK takes those, the AWS CLI and boto3 the credential_process",
			Seen{"section", "[" + p.Config.Section + "]"}, Seen{"config file", p.Config.File.Path}).
			with("Take aws_access_key_id, aws_secret_access_key and aws_session_token out of the section.", "")
	}
	return pass("none do")
}

// chosen says that the environment makes this the profile in use: by its name, or
// as the one that is taken without a name.
func (p *Patient) chosen() bool {
	for _, name := range []string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE"} {
		if v, set := p.env(name); set && !v.Empty {
			return v.Value == p.Config.Profile
		}
	}
	return p.Config.Profile == "default"
}

// namesAgree concerns only an AWS config profile that one of the two names.
func namesAgree(p *Patient) Finding {
	old, hasOld := p.env("AWS_DEFAULT_PROFILE")
	now, hasNow := p.env("AWS_PROFILE")
	mine := p.Config.Profile
	if hasOld && hasNow && !old.Empty && !now.Empty && old.Value != now.Value && !p.noConfig() && (old.Value == mine || now.Value == mine) {
		return warn("they do not", Seen{"AWS_PROFILE", now.Value}, Seen{"AWS_DEFAULT_PROFILE", old.Value}).with("", "unset AWS_DEFAULT_PROFILE")
	}
	return pass("they do")
}

// winner is a group of variables that win together where all of them are set.
type winner struct {
	names []string
	unset string
}

// winners are asked before a credential_process, even with AWS_PROFILE set. An
// access key ID without its secret is an error in the AWS CLI and boto3.
//
// Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-quickstart.html
func winners() []winner {
	return []winner{
		{[]string{"AWS_ACCESS_KEY_ID"}, "AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN"},
		{[]string{"AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"}, "AWS_WEB_IDENTITY_TOKEN_FILE AWS_ROLE_ARN"},
	}
}

func noChain(p *Patient) Finding {
	switch {
	case p.noConfig():
		return skip("no AWS config profile leads to it")
	case p.Config.SourceSays != "":
		return fail(p.Config.SourceSays, Seen{"section", "[" + p.Config.Section + "]"}, Seen{"source_profile", p.Config.Source}).
			with("Name in source_profile the AWS config profile that has the credential_process.", "")
	case p.Config.Source != "":
		return warn("it assumes a further role with the credentials of "+p.Config.Source+": at most one hour, and not in every SDK", Seen{"source_profile", p.Config.Source}, Seen{"credential_process", p.Config.Line})
	}
	return pass("it does")
}

func noEmpty(p *Patient) Finding {
	var empty []string
	for _, v := range p.Environment {
		if v.Empty && slices.Contains([]string{"AWS_PROFILE", "AWS_DEFAULT_PROFILE",
			"AWS_BEARER_TOKEN_BEDROCK", "AWS_CA_BUNDLE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_ENDPOINT_URL"}, v.Name) {
			empty = append(empty, v.Name)
		}
	}
	if len(empty) > 0 {
		return warn("set to nothing: "+strings.Join(empty, ", ")).with("", "unset "+strings.Join(empty, " "))
	}
	return pass("none is")
}
