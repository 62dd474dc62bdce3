package main

import (
	"strings"

	"github.com/alecthomas/kong"
)

// flagHelp has the help of the flags of parleyd serve, which is longer than a line with a tag may be. What is between
// backquotes stands for the value, as in package flag.
//
//nolint:gosec // no secrets
var flagHelp = map[string]string{
	"addr":             "Address to listen on; with TLS unless it is a loopback address.",
	"url":              "`URL` in new tokens; default: the one of the last start, else --addr.",
	"tls-cert":         "Certificate `FILE` (PEM); default: a self-signed one, pinned in tokens.",
	"tls-key":          "Key `FILE` (PEM) of the certificate.",
	"log-level":        "`LEVEL`: debug, info, warn or error (default info).",
	"send-rate":        "`NUMBER` of messages per second of one user; more have to wait (default 200).",
	"backend-rate":     "`NUMBER` of requests of the backend API per second (default 200).",
	"retract":          "Maximum `AGE` of a message that is recalled or edited; negative: any age (default 48h).",
	"webhook":          "`URL` that receives a POST for messages to users who are not connected.",
	"webhook-secret":   "`FILE` with the secret that signs the webhook's requests.",
	"max-connections":  "`NUMBER` of connections in all (default 100000).",
	"message-requests": "Let users accept strangers after one message; calls and groups of strangers wait as well.",
	"max-per-address":  "`NUMBER` of connections of one remote address, or of an IPv6 network /64 (default 500).",
	"metrics-addr":     "Address for metrics and profiles, for the operator only, such as 127.0.0.1:9464 (default none).",
	"traces":           "`URL` of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318 (default none).",
	"trusted-proxies":  "`NETWORKS` of proxies before this server, such as 127.0.0.0/8: their X-Forwarded-For is believed.",
	"proxy-protocol":   "The trusted proxies pass TCP on, with a header of the PROXY protocol.",
	"files":            "`URL` of the bucket for files: s3://, gs://, azblob:// or file:///; default: in the data folder.",
	"max-file":         "Largest file in `BYTES`, such as 500M (default 4G).",
	"quota":            "Limit in `BYTES` for all files of one user, such as 500M (default 20G).",
	"invites":          "Users who may invite others: nobody, admins or members.",
	"admin-page":       "Serve pages for administrators at /admin of the server's URL, opened with an application token.",
	"directory": "Users whose profiles one sees: all; contacts (who has written to one); or exact (also those one has written to, " +
		"and whose exact address one knows).",
	"token-lifetime": "`AGE` such as 90d at which new access tokens expire, which devices renew before; 0: never (default).",
	"domain":         "`NAME` of the server on the internet: gets certificates for it by ACME (Let's Encrypt), and listens on :443.",
	"acme-email":     "`ADDRESS` for news of the certificate authority.",
	"acme-directory": "`URL` of another certificate authority (default Let's Encrypt).",

	"turn-public": "`IP` at which devices reach this machine: turns on the relay for calls (TURN).",
	"turn":        "Address of the relay, for UDP, TCP and (as --addr) TLS.",
	"turn-ports":  "UDP ports of the relay, one for each relayed device.",
	"turn-servers": "`URLS` of your own TURN server instead, such as turn:turn.example.org:3478?transport=udp, " +
		"separated by commas.",
	"turn-secret": "`FILE` with the secret that it shares with parleyd (use-auth-secret).",

	"sfu": "`PROGRAM` for calls of more than four people, or none; default: parley-sfu beside parleyd or in PATH, " +
		"when it is there.",
	"sfu-ip":          "`IP` at which devices reach it; default: that of --turn-public or --addr, or found out.",
	"sfu-udp":         "UDP port for its sound and video; on a loopback address a free one.",
	"sfu-tcp":         "TCP port for those who cannot use UDP; as with --sfu-udp.",
	"sfu-url":         "`URL` (ws or wss) of your own LiveKit server instead.",
	"sfu-key":         "Its API `KEY`.",
	"sfu-secret-file": "`FILE` with the secret of the key.",
	"sfu-people":      "`NUMBER` of devices in one call, at most 200 (default 50).",
}

// addHelp puts flagHelp into the model of the command line.
func addHelp(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		if flag, ok := node.(*kong.Flag); ok {
			if flag.Help == "" {
				flag.Help = flagHelp[flag.Name]
			}
			if parts := strings.Split(flag.Help, "`"); len(parts) == 3 {
				flag.PlaceHolder, flag.Help = parts[1], strings.Join(parts, "")
			}
		}
		return next(nil)
	})
}
