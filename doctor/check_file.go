package doctor

// readByAll is about the shared files as such: one SDK that refuses the whole file
// has no use for a section that is right.
func readByAll() Check {
	return Check{
		Code: "RA515", Group: GroupConfig, Title: "Every SDK can read the shared files", Needs: []Code{"RA504", "RA505"}, Judge: filesRead,
		Fault:  "The AWS CLI and boto3 refuse the shared file",
		Why:    "The AWS CLI and boto3 read config and credentials file with Python's strict parser: a key that stands twice, a line without =, text before the first section or a byte order mark anywhere in the file, and they say \"Unable to parse config file\" for every AWS config profile. Other SDKs go on.",
		Fix:    "Correct that line; it need not be in the section that is used.",
		Source: "https://docs.python.org/3/library/configparser.html",
	}
}

func filesRead(p *Patient) Finding {
	c := p.Config
	switch {
	case p.noConfig():
		return skip("no AWS config profile leads to it")
	case c.Refused != "":
		found := fail(c.Refused, Seen{"file", c.File.Path})
		if lineWhole(p).Verdict == Fail {
			found.follows = "RA501" // what a backslash leaves on the next line
		}
		return found
	case c.RefusedKeys != "":
		return fail(c.RefusedKeys, Seen{"file", c.Credentials.Path})
	}
	return pass("they can")
}
