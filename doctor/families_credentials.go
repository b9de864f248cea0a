package doctor

// credentialFamilies are of SDKs that look for credentials and find none, or
// others.
//
// Source: https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
func credentialFamilies() []family {
	none := []string{"could not", "couldn't", "unable to", "failed to", "fails to", "no ", "cannot", "can't", "not ", "missing", "without", "none of", "n't"}
	get := []string{"load", "find", "found", "locat", "get", "got", "obtain", "resolv", "retriev", "provide", "fetch", "discover", "acquir", "configur", "available", "set", "return", "exist"}
	return []family{
		{all: [][]string{{"credential", "aws access key", "access keys"}, none, get}, none: []string{"git ", "github.com/login", "docker-credential", "password authentication"}, faint: true, codes: []Code{"RA707", "RA504", "RA502"},
			means: "the program got no credentials and hides why: AWS_PROFILE is not set here, the AWS config profile was not found, or what its credential_process said was swallowed"},
		{all: [][]string{{"no handler was ready to authenticate", "check your credentials", "not authenticated to aws", "requires authentication"}}, faint: true, codes: []Code{"RA707", "RA702", "RA504"}, means: "the program got no credentials: it may be older than credential_process, or look elsewhere"},
		{all: [][]string{{"sso token", "sso session", "sso_", "aws sso login", "sso oidc", "sso_start_url", "device authorization", "aws login"}, {"expired", "does not exist", "failed", "error", "unable", "not found", "invalid", "missing", "refresh", "re-authenticate"}}, codes: []Code{"RA520", "RA502", "RA508"},
			means: "the AWS config profile that is used signs people in by IAM Identity Center; it is not the one of Roles Anywhere: AWS_PROFILE names another, or is not set"},
		{all: [][]string{{"account"}, {"not allowed", "not permitted", "unexpected account", "wrong account", "does not match", "mismatch", "forbidden_account", "not in the list"}, {"aws", "id", "caller"}}, none: []string{"signature", "is not authorized", "service account", "storage account"}, codes: []Code{"RA404", "RA502"}, means: "the credentials in use are of another account than the one that was meant"},
		{all: [][]string{{"profile"}, {"could not be found", "not be found", "not found", "doesn't exist", "does not exist", "not configured", "not exist", "to be configured", "unknown profile", "no such profile", "cannot find", "can't find", "couldn't find", "could not find", "unable to find", "failed to find", "failed to get shared config", "found or parsed", "is missing", "not defined", "isn't defined", "no profile"}}, none: []string{"rolesanywhere", "roles anywhere", "trust anchor", "instance profile", "credential_process"}, codes: []Code{"RA504", "RA508"},
			means: "the SDK does not find the AWS config profile in the files that it reads: another name, no \"profile \" before it, or another user's HOME (in services, containers and under sudo)"},
		{all: [][]string{{"profile"}, {"not valid", "is invalid", "invalid profile", "valid combination of properties", "incomplete"}}, none: []string{"rolesanywhere", "roles anywhere", "empty profile", "trust anchor"}, codes: []Code{"RA504", "RA702"},
			means: "the SDK finds the AWS config profile and nothing in it that it knows: credential_process is missing or misspelt, or the SDK is older than it"},
		{all: [][]string{{"profile"}, {"did not contain", "did not include", "does not contain", "doesn't contain", "does not include", "doesn't include", "has no", "contains no", "without"}, {"credential_process", "credential process", "credentials process", "credential-process"}}, firm: true, codes: []Code{"RA504", "RA520", "RA501"},
			means: "the section was found and has no credential_process: another section of the same name, a misspelt key, or a broken line"},
		{all: [][]string{{"source profile", "source_profile", "sourceprofile", "credential_source", "visited profiles", "already been visited"}}, none: []string{"mountpoint"}, codes: []Code{"RA507", "RA504"},
			means: "the AWS config profile takes its credentials from another one, and that one has none, is not there, or points back"},
		{all: [][]string{{"infinite loop", "circular", "cycle"}, {"profile", "credential"}}, codes: []Code{"RA507"}, means: "AWS config profiles point at each other by source_profile"},
		{all: [][]string{{"aws_sdk_load_config", "awssdkloadconfig"}}, firm: true, codes: []Code{"RA504", "RA702"},
			means: "older SDKs for Go and JavaScript read ~/.aws/config, where credential_process stands, only with AWS_SDK_LOAD_CONFIG=1"},
		{all: [][]string{{"no signing credentials", "no credentials in the property bag", "failed to source credentials", "no_credentials_found", "aws_auth_signing_no_credentials", "aws_auth_credentials_provider"}}, none: []string{"process"}, codes: []Code{"RA507", "RA702", "RA504"},
			means: "a program built on the common runtime (CRT) found no credentials: it does not start a credential_process behind source_profile"},
		{all: [][]string{{"valid container metadata", "unsupported host", "invalid host", "host not allowed", "host can only", "not in allowed", "not an allowed", "allowed hosts", "loopback"}, {"metadata", "credentials", "container", "full_uri", "full uri", "uri"}}, firm: true, codes: []Code{"RA705", "RA702"},
			means: "SDKs take credentials of a local server only from a loopback address, ECS's or EKS's own, or over https: run it in the same network namespace, or use credential_process"},
		{all: [][]string{{"169.254.170.2", "169.254.170.23", "aws_container_credentials", "aws_container_authorization", "container credential"}}, codes: []Code{"RA502", "RA705"},
			means: "a variable AWS_CONTAINER_... sends the SDK to a container's metadata server"},
		{all: [][]string{{"imds", "instance metadata", "ec2 metadata", "instance profile", "instanceprofile", "169.254.169.254", "ec2metadata", "metadata service"}, {"credential", "role", "token", "failed", "error", "unable", "timed out", "timeout", "refused", "exceeded", "disabled", "canceled"}}, none: []string{"hop limit", "127.0.0.1:"}, codes: []Code{"RA504", "RA707", "RA502"},
			means: "nothing else gave credentials, so the SDK asked for an EC2 instance's: AWS_PROFILE is not set here, or the AWS config profile was not found"},
		{all: [][]string{{"imds", "instance metadata", "security-credentials", "metadata service", "aws_ec2_metadata_service_endpoint", "latest/api/token"}, {"127.0.0.1:", "localhost:", "hop limit", "host.docker.internal", "connection refused", ":9911"}}, none: []string{"169.254"}, firm: true, codes: []Code{"RA705", "RA702"},
			means: "the local metadata server is not reached from there: it listens on 127.0.0.1 of its own network namespace"},
		{all: [][]string{{"static credentials are empty", "credentials are empty", "access key id is empty", "empty access key", "empty secret", "resolved credential object is not valid", "accesskeyid is empty", "access key cannot be blank"}}, codes: []Code{"RA502", "RA509", "RA506"},
			means: "keys are set to nothing, in the environment or in a file, and count as an answer"},
		{all: [][]string{{"partial credential", "secret_access_key", "secret access key", "aws_access_key_id"}, {"missing", "without", "not set", "must be set", "required", "incomplete"}}, none: []string{"json", "process output"}, codes: []Code{"RA502", "RA506"},
			means: "one half of a pair of keys is set, and it wins over the AWS config profile"},
		{all: [][]string{{".aws/config", ".aws\\config", "aws_config_file", "config file", "configfile", "credentials file", ".aws/credentials"}, {"parse", "parsing", "syntax", "unexpected", "invalid", "line ", "malformed", "no section", "missing section", "duplicate"}}, none: []string{"kubeconfig", "json"}, codes: []Code{"RA505", "RA501", "RA504"},
			means: "the AWS config file cannot be read as such: the message names the line"},
		{all: [][]string{{".aws/config", ".aws\\config", ".aws/credentials", "/.aws'", ".aws:", "aws_config_file", "aws_shared_credentials_file"}, {"permission denied", "no such file", "not found", "cannot open", "could not open", "eacces", "enoent", "read-only", "unable to open", "does not exist", "not readable"}}, firm: true, codes: []Code{"RA504", "RA508"},
			means: "the SDK cannot read the AWS config file of its user: another HOME, or no right to it"},
		{all: [][]string{{"$home", "home directory", "home is not", "home not", "userhomedir", "user home"}, {"not set", "not defined", "unable", "could not", "cannot", "undefined", "unknown", "failed", "empty"}}, codes: []Code{"RA504", "RA508"},
			means: "the program knows no home directory, so it finds no ~/.aws/config: set HOME, or AWS_CONFIG_FILE"},
	}
}
