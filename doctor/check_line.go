package doctor

import (
	"slices"
	"strings"
)

// lineChecks look at what the credential_process line starts, and with what.
func lineChecks() []Check {
	return []Check{
		{
			Code: "RA520", Group: GroupConfig, Title: "AWS config profile starts a signer", Needs: []Code{"RA501", "RA504", "RA507"}, Judge: startsSigner,
			Fault:  "The AWS config profile starts no signer for Roles Anywhere",
			Why:    "The key credential_process of the section must start anywhere, anywhere-signer or AWS's helper, with the command credential-process. A key that is misspelt or indented counts for nothing, and SDKs say nothing about it.",
			Fix:    "Write credential_process = PROGRAM credential-process ... at the beginning of a line of the section, or let anywhere setup write it.",
			Source: sourcing,
		},
		{
			Code: "RA521", Group: GroupConfig, Title: "Line names all that is needed", Needs: []Code{"RA501", "RA510"}, Judge: linesFlags,
			Fault:  "The line does not name all that is needed",
			Why:    "A session takes a certificate, its key, and the ARNs of trust anchor, Roles Anywhere profile and role. Without a certificate AWS's helper looks into the system's store: \"unable to use cert store signer on linux\".",
			Fix:    "Add the flags that are missing; the ARNs are shown by aws rolesanywhere list-trust-anchors, aws rolesanywhere list-profiles and aws iam list-roles.",
			Source: helperGuide,
		},
		{
			Code: "RA514", Group: GroupConfig, Title: "Line names files by absolute paths", Needs: []Code{"RA501", "RA510"}, Judge: filesAbsolute,
			Fault:  "The line names a file by a relative path",
			Why:    "A relative path counts from the directory in which the program runs that wants credentials: it works in one directory, and in a service, whose directory is /, it does not.",
			Fix:    "Write the whole path of every file into the line.",
			Source: sourcing,
		},
	}
}

// filesAbsolute knows the paths of Windows, too: evidence may be judged elsewhere.
func filesAbsolute(p *Patient) Finding {
	if p.noConfig() || p.Client == ClientOther || len(p.Config.Helper.Words) == 0 {
		return skip("there is no line of a signer")
	}
	for _, flag := range []string{"certificate", "private-key", "intermediates", "key-passphrase-file", "pkcs11-lib"} {
		path := p.Config.Helper.Flags[flag]
		windows := strings.HasPrefix(path, `\\`) || len(path) > 2 && path[1] == ':' && strings.ContainsAny(path[2:3], `/\`)
		uri := strings.HasPrefix(path, "pkcs11:") || strings.HasPrefix(path, "handle:")
		if path != "" && !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "~") && !windows && !uri {
			return fail("--"+flag+" counts from wherever the SDK runs", Seen{"--" + flag, path}, Seen{"credential_process", p.Config.Line})
		}
	}
	return pass("it does")
}

func startsSigner(p *Patient) Finding {
	h := p.Config.Helper
	seen := []Seen{{"section", "[" + p.Config.Section + "]"}, {"credential_process", p.Config.Line}}
	switch {
	case p.noConfig() || p.Config.Trouble != nil:
		return skip("no AWS config profile leads to it")
	case p.Config.Line == "":
		return fail(p.Config.Instead, seen[0])
	case p.Client != ClientOther && h.Wrapper != "":
		return pass("it does, through "+h.Wrapper, seen...)
	case p.Client != ClientOther || len(h.Words) == 0:
		return pass("it does")
	case strings.Contains(h.Words[0], " ") && strings.Contains(h.Words[0], "credential-process"):
		return fail("the whole line stands in quotes: SDKs look for a program of that name", seen...).with("Take the quotes around the line away.", "")
	case len(h.Words) > 1 && signerName(h.Words[0]):
		return fail("it starts the command "+h.Words[1]+", not credential-process", seen...).with("Write credential-process behind the program.", "")
	}
	return fail("it starts "+h.Words[0]+", which is not known and not run", seen...)
}

// linesFlags leaves a set-up's own line alone: session.json names everything.
func linesFlags(p *Patient) Finding {
	f := p.Config.Helper.Flags
	if p.noConfig() || p.Kind != KindAWSProfile || p.Client == ClientOther || f["setup"] != "" {
		return skip("the line names a set-up, or there is none")
	}
	var missing []string
	inStore := f["cert-selector"] != "" || f["system-store-name"] != "" || strings.HasPrefix(f["private-key"], "pkcs11:")
	if f["certificate"] == "" && !inStore {
		missing = append(missing, "--certificate")
	}
	for _, flag := range []string{"trust-anchor-arn", "profile-arn", "role-arn"} {
		if f[flag] == "" {
			missing = append(missing, "--"+flag)
		}
	}
	if len(missing) > 0 {
		return fail("missing: "+strings.Join(missing, ", "), Seen{"credential_process", p.Config.Line})
	}
	return pass("it does")
}

// strayWords says of words that belong to no flag what most likely happened.
func (p *Patient) strayWords() Finding {
	h := p.Config.Helper
	f := fail("not understood: "+strings.Join(h.Strange, " "), Seen{"credential_process", p.Config.Line})
	oneDash := func(word string) bool {
		return len(word) > 2 && word[0] == '-' && word[1] != '-' && takes(word[1:]) != unknownFlag
	}
	switch {
	case len(h.Swallowed) > 0:
		f.Says = "behind " + h.Swallowed[0] + " stands another flag, which is taken for its value"
		return f.with("Give "+h.Swallowed[0]+" its value.", "")
	case strings.HasPrefix(h.Strange[0], "#") || h.Strange[0] == ";":
		f.Says = "a comment behind a value is a part of it: " + strings.Join(h.Strange, " ")
		return f.with("Put the comment on a line of its own.", "")
	case oneDash(h.Strange[0]):
		f.Says = h.Strange[0] + " has one dash, flags have two"
		return f.with("Write -"+h.Strange[0]+".", "")
	case slices.ContainsFunc(h.Strange, func(w string) bool {
		return w == "|" || w == "&&" || w == ">" || w == "2>&1" || w == "2>/dev/null" || w == ";"
	}):
		return f.with("Take the part for a shell away: most SDKs start the program without one.", "")
	}
	return f
}
