package doctor

// startSymptoms are what systems and SDKs say of a program that did not start, or
// whose output they could not use.
func startSymptoms() []symptom {
	return []symptom{
		{says: []string{"credential_process: exit status 127", "non-zero exit value: 127", "non-zero exit value (127)", "non-zero exit value 127", "exited with code exit status: 127", "process provider error: * exit status 127"}, codes: []Code{"RA503", "RA511"},
			means: "a shell says 127 where it finds no such program: the path is wrong, or PATH is shorter in a service than in your shell"},
		{says: []string{"credential_process: exit status 126", "non-zero exit value: 126", "non-zero exit value (126)", "exited with code exit status: 126"}, codes: []Code{"RA503", "RA513", "RA511"},
			means: "a shell says 126 where the program is there and may not be started, or is no program of this system"},
		{says: []string{"sh: 1: aws_signing_helper: not found", "/usr/bin/env: 'aws_signing_helper': no such file", "env: aws_signing_helper: no such file", "sh: aws_signing_helper: not found", "sh: line 1: aws_signing_helper: command not found", "the term * is not recognized as the name of a cmdlet", "status=203/exec", "aws: command not found", "sh: 1: aws: not found"}, codes: []Code{"RA503"},
			means: "the program is not in PATH, which is shorter in services and in cron than in your shell"},
		{says: []string{"sh: 1: /*: permission denied", "[winerror 5] access is denied"}, codes: []Code{"RA503", "RA513"}, means: "the program may not be started: no execute bit, a file system without exec, or the system's guard"},
		{says: []string{"ld-musl-", "cannot open shared object file", "dyld: library not loaded", "this app can't run on your pc", "credentialproviders/*: no such file or directory"}, codes: []Code{"RA511", "RA503"}, means: "the program's loader or a library of it is not on this system: built for another C library or CPU"},
		{says: []string{"parse failed of process output", "unable to parse credential process output", "parse failed of credential_process output", "unexpected end of json input", "wrong version in process output", "missing accesskeyid in process output", "missing secretaccesskey in process output", "credential_process returned invalid json", "unsupported credential version", "process did not return a json object", "back from the process credential provider returned back a malformed json document", "missing required parameter - version in json payload", "for credentials payload", "could not decode output as utf-8", "external process, could not parse response", "invalid json response", "valid credentials could not be sourced by the process provider", "process_source_failure"}, codes: []Code{"RA707", "RA511"},
			means: "the program ran, and what it printed is not the JSON that is wanted: an error message, a banner of the shell, or nothing"},
		{says: []string{"credential process timed out", "credential_process timed out", "error execing credential provider plugin * context deadline exceeded"}, codes: []Code{"RA708", "RA402"}, means: "the program took longer than its caller waits: a key that asks for a PIN, or an endpoint that does not answer"},
		{says: []string{"did not contain credential_process", "no credential_process present in ini"}, codes: []Code{"RA504", "RA501"}, means: "the section was found and has no credential_process: another section of the same name, or a broken line"},
		{says: []string{"could not be found in shared credentials file", "sharedconfigprofilenotexist", "config profile could not be found", "profile * is not configured"}, codes: []Code{"RA504"}, means: "the SDK does not find the AWS config profile in the files that it reads"},
		{says: []string{"failed to refresh process-based credentials", "error retrieving credentials: external process exited with code", "command returned non-zero exit value", "credential process had non zero exit status", "failed to resolve aws credentials. the credential providers used", "process terminated with", "unable to sign request without credentials set", "no valid credential sources for", "request is missing authentication token", "no valid providers in chain", "no basic auth credentials"}, codes: []Code{"RA707", "RA504"}, wrapper: true,
			means: "there are no credentials, and this message hides why: run the credential_process line by hand and explain what it prints"},
		{says: []string{"no ec2 imds role found, operation error ec2imds", "169.254.169.254", "ec2metadataerror", "ec2metadatarequesterror", "instance profile metadata service", "failed to get ec2 instance identity document"}, codes: []Code{"RA504", "RA707", "RA502"},
			means: "nothing else gave credentials, so the SDK asked for an EC2 instance's: AWS_PROFILE is not set, or the AWS config profile was not found"},
		{says: []string{"you must specify a region", "missing region in config", "region is missing", "invalid configuration: missing region", "could not find region configuration", "unable to load region from any of the providers", "no regionendpoint or serviceurl configured", "permanentredirect", "authorizationheadermalformed: the region", "unable to resolve endpoint for region"}, codes: []Code{"RA726", "RA504"},
			means: "the program knows no Region, or a wrong one: the AWS config profile that it uses has none, and AWS_REGION is not set"},
	}
}

// lineSymptoms are what signers and shells say of a credential_process line.
func lineSymptoms() []symptom {
	return []symptom{
		{says: []string{"required flag(s) *\" not set", "sh: 1: --certificate: not found", "--certificate: command not found", "no closing quotation", "unterminated quoted string", "unexpected eof while looking for matching"}, codes: []Code{"RA501", "RA510"},
			means: "the line was cut: continued by a backslash, or a quote that is not closed"},
		{says: []string{"unknown flag: --", "unknown shorthand flag", "unknown command * for \"aws_signing_helper\"", "flag needs an argument", "flag provided but not defined", "accepts 0 arg(s), received", "invalid control character in url"}, codes: []Code{"RA510", "RA501"},
			means: "a word of the line is not one that the signer knows: mistyped, of another version, or with a character that does not show"},
		{says: []string{"partial credentials found in env", "partial credentials found in environment"}, codes: []Code{"RA502"}, means: "the environment has one half of a pair of keys, and it wins over AWS_PROFILE"},
		{says: []string{"unable to write to aws credentials file", "unable to write to credentials file", "unable to locate the home directory", "unable to create credentials file", "unable to get credentials file contents", "unable to get write-only aws credentials file"}, codes: []Code{"RA504", "RA502"},
			means: "the helper found no home directory, or may not write there"},
		{says: []string{"httpserver: listenandserve() error", "bind: address already in use", "only one usage of each socket address"}, codes: []Code{"RA705"}, means: "another program has serve's port"},
	}
}
