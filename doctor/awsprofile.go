package doctor

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"anywhere/signer"
	"anywhere/signer/sharedconfig"
)

// ReadAWSProfile reads one AWS config profile from the two files that SDKs share.
// Nothing is run.
func ReadAWSProfile(configFile, credentialsFile, name string) ConfigSeen {
	seen := ConfigSeen{File: look(configFile), Credentials: look(credentialsFile), Profile: name}
	config, credentials := parseFile(configFile), parseFile(credentialsFile)
	data, err := os.ReadFile(configFile)
	if err != nil && configFile != "" && seen.File.Trouble == nil {
		seen.File.Trouble = troubleOf(err) // it is there, and this user may not read it
	}
	seen.Refused = cmp.Or(refusedByPython(data), otherHeader(data, name))
	if data, err := os.ReadFile(credentialsFile); err == nil {
		seen.RefusedKeys = refusedByPython(data)
	}
	seen.Section = sharedconfig.ProfileSection(name)
	seen.Shadow = credentials.Keys(name)
	if !config.Has(seen.Section) && config.Has("profile default") && name == "default" {
		seen.Section = "profile default"
	}
	switch {
	case config.Has(seen.Section):
	case config.Has(name):
		seen.Section, seen.Bare = name, true
	case len(seen.Shadow) > 0:
		config, seen.Section = credentials, name
	default:
		seen.Trouble = &Trouble{Kind: Missing, Says: "no AWS config profile " + name + " in " + configFile, Fix: "aws configure list-profiles"}
		switch {
		case configFile == "":
			seen.Trouble.Says = "no home directory is known, so no AWS config file either"
		case seen.File.Trouble != nil && seen.File.Trouble.Kind == Missing:
			seen.Trouble.Says = "there is no file " + configFile
		case seen.File.Trouble != nil:
			seen.Trouble = &Trouble{Kind: seen.File.Trouble.Kind, Says: configFile + " cannot be read: " + seen.File.Trouble.Says, Fix: "ls -ld " + quoted(configFile)}
		}
		seen.Near = meant(seen.Section, config.Sections())
		return seen
	}
	for _, section := range config.Sections() {
		if section == seen.Section {
			seen.Twice++
		}
	}
	seen.Keys = config.Keys(seen.Section)
	line, _ := config.Get(seen.Section, "credential_process")
	seen.Source, _ = config.Get(seen.Section, "source_profile")
	if line == "" {
		seen.Instead = insteadOfProcess(config, seen.Section)
	}
	seen.Helper = takeApart(line)
	seen.Line = withoutSecrets(line)
	if line == "" && seen.Source != "" && seen.Source != name {
		seen.follow(configFile, credentialsFile)
	}
	return seen
}

// follow goes to where the credentials of a source_profile come from. SDKs go
// through any number of them; five are more than anybody has.
func (c *ConfigSeen) follow(configFile, credentialsFile string) {
	config, credentials := parseFile(configFile), parseFile(credentialsFile)
	been := []string{c.Profile}
	for name := c.Source; len(been) < 6; {
		section := sharedconfig.ProfileSection(name)
		switch {
		case slices.Contains(been, name):
			c.SourceSays = "source_profile goes round in a circle: " + strings.Join(append(been, name), ", ")
			return
		case slices.Contains(credentials.Keys(name), "aws_access_key_id"):
			return // keys, which are nothing of ours
		case !config.Has(section):
			c.SourceSays = "source_profile names " + name + ", and there is no such section"
			return
		}
		if line, _ := config.Get(section, "credential_process"); line != "" {
			c.LineSection, c.Line, c.Helper, c.Instead = section, withoutSecrets(line), takeApart(line), ""
			return
		}
		been = append(been, name)
		next, _ := config.Get(section, "source_profile")
		if next == "" || next == name {
			return
		}
		name = next
	}
}

// PasswordOfLine reads the password that stands in a credential_process line, which
// is in no evidence.
func PasswordOfLine(c ConfigSeen) string {
	line, _ := parseFile(c.File.Path).Get(cmp.Or(c.LineSection, c.Section), "credential_process")
	if line == "" {
		line, _ = parseFile(c.Credentials.Path).Get(c.Section, "credential_process")
	}
	words, err := sharedconfig.Split(line)
	if err != nil {
		return ""
	}
	for i, word := range words {
		flag, value, inline := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		switch {
		case takes(flag) != aSecret || !strings.HasPrefix(word, "--"):
		case inline:
			return value
		case i+1 < len(words):
			return words[i+1]
		}
	}
	return ""
}

// LookElsewhere notes which other config files have the section.
func (c *ConfigSeen) LookElsewhere(files []string) {
	section := sharedconfig.ProfileSection(c.Profile)
	for _, file := range files {
		if parseFile(file).Has(section) && !slices.Contains(c.Elsewhere, file) {
			c.Elsewhere = append(c.Elsewhere, file)
		}
	}
}

// FindAWSProfile returns the name of the AWS config profile whose line signs for
// a set-up; empty if none does.
func FindAWSProfile(configFile, setup string) string {
	config := parseFile(configFile)
	for _, section := range config.Sections() {
		line, _ := config.Get(section, "credential_process")
		words := strings.Fields(line)
		if at := slices.Index(words, "--setup"); at >= 0 && at+1 < len(words) && words[at+1] == setup && slices.Contains(words, "credential-process") {
			return strings.TrimPrefix(section, "profile ")
		}
	}
	return ""
}

// AWSProfiles lists the AWS config profiles that start a signer for Roles
// Anywhere.
func AWSProfiles(configFile string) []string {
	config := parseFile(configFile)
	var names []string
	for _, section := range config.Sections() {
		line, _ := config.Get(section, "credential_process")
		if name := strings.TrimPrefix(section, "profile "); (strings.Contains(line, "credential-process") || takeApart(line).NoCommand) && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

func parseFile(path string) *sharedconfig.Document {
	data, err := os.ReadFile(path)
	if err != nil {
		return sharedconfig.Parse(nil)
	}
	return sharedconfig.Parse(data)
}

// SubjectOfLine is what a credential_process line of AWS's helper, or of ours
// with the helper's flags, signs with. false: the line is of another program,
// which is not looked into. A line for a shell is read with that home directory.
func SubjectOfLine(config ConfigSeen, home string) (Subject, bool) {
	s := Subject{Kind: KindAWSProfile, Name: config.Profile, Config: config, Client: clientOf(config.Helper)}
	f := config.Helper.Flags
	if s.Client == ClientOther {
		return s, false
	}
	if config.Helper.ByShell {
		f = expanded(f, home)
	}
	s.CertificateFile, s.ChainFile, s.KeyRef = f["certificate"], f["intermediates"], f["private-key"]
	if s.KeyRef == "" {
		s.KeyRef = s.CertificateFile
	}
	s.Target = signer.Target{TrustAnchorARN: f["trust-anchor-arn"], ProfileARN: f["profile-arn"], RoleARN: f["role-arn"],
		Region: f["region"], Endpoint: f["endpoint"], SessionName: f["role-session-name"], Duration: 3600 * time.Second}
	if n, err := time.ParseDuration(f["session-duration"] + "s"); err == nil {
		s.Target.Duration = n
	}
	return s, true
}

// expanded are flags as a shell hands them on, as far as the home directory goes.
func expanded(flags map[string]string, home string) map[string]string {
	all := map[string]string{}
	for flag, value := range flags {
		if rest, tilde := strings.CutPrefix(value, "~/"); tilde {
			value = home + "/" + rest
		}
		all[flag] = strings.NewReplacer("${HOME}", home, "$HOME", home).Replace(value)
	}
	return all
}

// clientOf goes by the name of the program.
func clientOf(h Helper) Client {
	switch {
	case len(h.Words) == 0, !h.NoCommand && !slices.Contains(h.Words, "credential-process"):
		return ClientOther
	case strings.HasPrefix(programName(h.Words[0]), "anywhere"):
		return ClientAnywhere
	}
	return ClientHelper // or somebody's copy under another name, by its command
}

// signerName says that a program is AWS's helper or ours, by its name.
func signerName(program string) bool {
	name := programName(program)
	return slices.ContainsFunc([]string{"aws_signing_helper", "aws-signing-helper", "anywhere"}, func(known string) bool { return strings.HasPrefix(name, known) })
}

func programName(program string) string {
	return strings.TrimSuffix(filepath.Base(strings.ReplaceAll(strings.Trim(program, "“”\"'"), `\`, "/")), ".exe")
}
