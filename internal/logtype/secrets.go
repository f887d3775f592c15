package logtype

import (
	"bytes"
	"strings"
)

// This file is the list of what counts as a secret by its name alone. Names are compared
// without case, underscores and hyphens.

// secretKeys are JSON keys (and header names) whose values are masked at any depth.
var secretKeys = nameSet(
	"password", "passwd", "pwd", "passphrase", "pass_phrase", "old_password", "new_password", "user_password", "password_hash",
	"master_user_password", "master_password", "admin_password", "previous_password", "proposed_password", "temporary_password",
	"db_password", "secret", "client_secret", "secret_key", "secret_access_key", "aws_secret_access_key", "secret_string",
	"secret_binary", "secret_hash", "shared_secret", "private_key", "ssh_private_key", "key_material", "session_token",
	"aws_session_token", "security_token", "access_token", "refresh_token", "id_token", "auth_token", "bearer_token",
	"oauth_token", "authentication_token", "authorization_token", "api_key", "x_api_key", "api_token", "jwt", "jwt_assertion",
	"authorization", "proxy_authorization", "cookie", "set_cookie", "x_amz_security_token", "x_amz_signature", "x_auth_token",
	"x_access_token", "x_session_token", "web_identity_token", "saml_assertion", "pre_shared_key", "plaintext_key",
	"user_pool_client_secret", "slack_token", "github_token", "secret_token", "credential_password", "basic_auth",
)

// secretHeaders are names of headers that no part below gives away.
var secretHeaders = nameSet("x-functions-key", "ocp-apim-subscription-key", "x-rapidapi-key", "x-auth-key", "x-access-key",
	"x-secret-key", "x-private-key", "x-shared-key", "x-master-key", "x-parse-master-key", "dd-application-key",
	"x-session", "x-session-id", "session-id", "jwt", "x-jwt", "x-goog-iap-jwt-assertion", "x-amzn-oidc-data", "x-amz-credential",
	"x-origin-verify", "authentication", "x-authentication", "x-auth", "auth", "dpop", "x-hub-signature-256", "x-otp", "x-github-otp",
	"x-amz-server-side-encryption-customer-key", "x-amz-copy-source-server-side-encryption-customer-key",
	"x-goog-encryption-key", "x-ms-encryption-key", "x-credentials", "credentials")

// What a name of a header has in it, or ends in, when its value is a secret.
var (
	secretHeaderParts = []string{"authorization", "cookie", "password", "passwd", "passphrase"}
	secretHeaderTails = []string{"token", "apikey", "secret", "signature", "secretkey", "accesskey", "subscriptionkey", "sessionid"}
)

// insertedPrefix stands before the names of headers that the firewall itself inserts.
const insertedPrefix = "x-amzn-waf-"

// secretHeader reports whether the value of a header (or cookie, or environment variable) with
// this name is a secret.
func secretHeader(name string) bool {
	var buf [maxNameBytes]byte
	b := appendSquashed(buf[:0], name)
	if secretHeaders[string(b)] {
		return true
	}
	for _, part := range secretHeaderParts {
		if bytes.Contains(b, []byte(part)) {
			return true
		}
	}
	for _, tail := range secretHeaderTails {
		if bytes.HasSuffix(b, []byte(tail)) {
			return true
		}
	}
	if len(name) > len(insertedPrefix) && strings.EqualFold(name[:len(insertedPrefix)], insertedPrefix) {
		return secretHeader(name[len(insertedPrefix):])
	}
	return false
}

// secretName reports whether a name is that of a secret of any kind: a header, a query parameter
// or a key. Of a path (/user/password, user.password, user[password]) the last step counts.
func secretName(name string) bool {
	name = strings.TrimRight(name, "]'\" ")
	name = name[strings.LastIndexAny(name, "/.[('\"")+1:]
	if secretHeader(name) || secretKey(name, nil) {
		return true
	}
	var buf [maxNameBytes]byte
	return secretParams[string(appendSquashed(buf[:0], name))] != 0
}

// appendSquashed is squashName without a new string.
func appendSquashed(b []byte, name string) []byte {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '_' || c == '-' || c == ' ' {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		b = append(b, c)
	}
	return b
}

// secretParams are query parameters whose values are masked wherever they stand. Weak names are
// ordinary words: they count only where a parameter of a URL begins.
const (
	strongParam = 1 + iota
	weakParam
)

var secretParams = func() map[string]uint8 {
	m := map[string]uint8{}
	for n := range nameSet("token", "access_token", "id_token", "refresh_token", "auth_token", "session_token", "csrf_token", "xsrf_token",
		"oauth_token", "bearer_token", "api_token", "id_token_hint", "api_key", "apikey", "x-api-key", "x-amz-signature",
		"x-amz-security-token", "x-amz-credential", "x-goog-signature", "x-goog-credential", "aws_access_key_id", "awsaccesskeyid",
		"password", "passwd", "pwd", "passphrase", "new_password", "old_password", "user_password", "password_confirmation",
		"client_secret", "secret", "secret_key", "secret_access_key", "access_key", "private_key", "signature", "session_id", "sessionid",
		"phpsessid", "jsessionid", "jwt", "saml_response", "samlresponse", "saml_request", "client_assertion", "assertion",
		"authorization", "auth_code", "code_verifier", "otp", "totp", "passcode", "hmac") {
		m[n] = strongParam
	}
	for n := range nameSet("code", "key", "sig", "session", "sid", "auth", "pass", "nonce_token", "ticket", "pin", "sas", "credential", "credentials") {
		m[n] = weakParam
	}
	return m
}()

func nameSet(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[squashName(n)] = true
	}
	return m
}

// squashName is the form in which names are compared.
func squashName(s string) string {
	return strings.NewReplacer("_", "", "-", "").Replace(strings.ToLower(s))
}

const maxNameBytes = 64

// secretKey reports whether a key names a secret; extra are names a definition adds.
func secretKey(key string, extra map[string]bool) bool {
	if len(key) > maxNameBytes {
		return false
	}
	var buf [maxNameBytes]byte
	n := 0
	for i := 0; i < len(key); i++ {
		c := key[i]
		if c == '_' || c == '-' {
			continue
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf[n] = c
		n++
	}
	return secretKeys[string(buf[:n])] || extra[string(buf[:n])]
}
