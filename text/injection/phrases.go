package injection

// phrases are matched against canonical text: lower case, single spaces.
var phrases = []phrase{
	// English.
	says(Override, `\b(?:ignore|disregard|forget|override|bypass|discard|do not follow|don't follow|stop following)\s+(?:\w+\s+){0,3}?(?:previous|prior|above|earlier|preceding|existing|original|former|system|your|all|any)\s+(?:\w+\s+){0,3}?(?:instructions?|prompts?|rules|guidelines|directions|orders|constraints|guardrails)\b`,
		"instruction", "prompt", "rules", "guideline", "direction", "orders", "constraint", "guardrail"),
	says(Override, `\b(?:your new instructions are|new system prompt|from now on,? you (?:are|must|will|have no)\b|you are now (?:in )?(?:developer|dan|admin|god|unrestricted|jailbroken)\b|instructions above (?:are|were) (?:outdated|obsolete|void|replaced))`,
		"new instructions", "new system prompt", "from now on", "you are now", "instructions above"),
	says(Override, `\b(?:approve|accept|authorize|grant) (?:every|all|any) \w+ (?:who|that|which) (?:mentions?|says?|contains?|includes?)\b`, "approve", "accept", "authorize", "grant"),
	says(Secrecy, `\b(?:do not|don't|never|without)\s+(?:(?:ever|to)\s+)?(?:tell(?:ing)?|mention(?:ing)?|inform(?:ing)?|reveal(?:ing)?|notify(?:ing)?|disclos(?:e|ing)|show(?:ing)?|alert(?:ing)?|let(?:ting)?)\s+(?:\w+\s+){0,5}?(?:the|your) (?:user|human|person|operator|customer)s?\b`,
		"user", "human", "person", "operator", "customer"),
	says(Secrecy, `\b(?:keep|hide) (?:this|it|that|these)\b(?: \w+){0,3} (?:secret|hidden|from the (?:user|human))`, "secret", "hidden", "from the"),
	says(Secrecy, `\bthe (?:user|human) (?:must|should|need) not (?:know|see|notice|learn|be told)\b`, "not know", "not see", "not notice", "not learn", "not be told"),
	says(Steal, `\b(?:read|open|cat|get|load|collect|include|pass|provide|extract|send|upload|copy|attach)\b[^.\n]{0,80}(?:~/\.ssh|id_rsa|id_ed25519|\.aws/credentials|/etc/(?:passwd|shadow)|\.env(?:[^.\w]|$)|mcp\.json|\.netrc|\.kube/config|keychain|private keys?\b|wallet\.dat|\.git-credentials)`,
		".ssh", "id_rsa", "id_ed25519", ".aws", "/etc/", ".env", "mcp.json", ".netrc", ".kube", "keychain", "private key", "wallet", ".git-credentials"),
	says(Steal, `\b(?:reveal|print|repeat|output|show|leak|include|send)\b[^.\n]{0,40}\b(?:your|the) (?:system prompt|hidden instructions|initial instructions|developer message|api keys?|credentials|access tokens?|environment variables)\b[^.\n]{0,80}\b(?:to|in|as|into)\b`,
		"system prompt", "hidden instructions", "initial instructions", "developer message", "api key", "credentials", "access token", "environment variables"),
	says(Send, `\b(?:send|post|forward|upload|transmit|exfiltrate|bcc|copy|report)\b[^.\n]{0,60}\b(?:conversation|chat history|messages?|contents?|file|data|results?|emails?|credentials|keys?|tokens?|passwords?|context|everything)\b[^\n]{0,60}\b(?:to|at)\b[^\n]{0,20}(?:https?://|[\w.+-]+@[\w-]+\.\w)`,
		"://", "@"),
	says(Command, `\b(?:before|after|whenever|each time|every time|when)\b[^.\n]{0,30}\b(?:us(?:e|ing)|call(?:ing)?|invok(?:e|ing)|run(?:ning)?)\b[^.\n]{0,20}\b(?:any|another|other)\b[^.\n]{0,20}\btools?\b[^.\n]{0,40}\b(?:must|required|have to)\b[^.\n]{0,80}\b(?:read|send|call|include|pass|add|set|copy|bcc)\b`, "tool"),
	says(Unasked, `\b(?:you (?:must|may|can|should)|feel free to) (?:always )?(?:run|execute|use|call) (?:any|all|every) (?:tools?|commands?|code|functions?) without (?:asking|confirmation|approval|permission|confirming)\b`, "without"),
	says(Command, `\binstead of (?:the )?\w+(?: \w+)?,? (?:always )?use this tool\b|\bthis tool (?:replaces|supersedes|must be used instead of|takes precedence over)\b`, "this tool"),
	says(Role, `<\|(?:im_start|im_end|system|assistant|start_header_id|endoftext)\|>|\[/?inst\]|<</?sys>>|<(?:important|system|secret|instructions?|admin)>[^<]{0,400}\b(?:must|always|never|read|do not|ignore|before)\b`, "<|", "inst]", "sys>>", "<important", "<system", "<secret", "<instruction", "<admin"),
	// German.
	says(Override, `\b(?:ignoriere?|vergiss|missachte|verwirf|befolge)\b(?: \S+){0,4}? (?:vorherigen|bisherigen|obigen|früheren|vorigen|alle|alles|deine|systemanweisungen)\b(?:[^.\n]{0,40}(?:anweisungen?|regeln|vorgaben|instruktionen|befehle|prompts?))`, "anweisung", "regeln", "vorgaben", "instruktion", "befehle", "prompt"),
	says(Secrecy, `\b(?:sage?|erwähne|verrate|zeige|teile|informiere)\b[^.\n]{0,40}\b(?:nutzer|benutzer|anwender|menschen|kunden|nutzerin)\b[^.\n]{0,30}\b(?:nichts?|nicht|niemals)\b|\b(?:ohne (?:es )?(?:dem|den) (?:nutzer|benutzer|anwender)[^.\n]{0,20} zu (?:sagen|erwähnen|informieren|zeigen))`, "nutzer", "anwender", "menschen", "kunden"),
	says(Steal, `\b(?:lies|lese|öffne|kopiere|sende|schicke|hänge|übergib)\b[^.\n]{0,80}(?:~/\.ssh|id_rsa|\.aws/credentials|/etc/passwd|\.env(?:[^.\w]|$)|private[nrs]? schlüssel|zugangsdaten|mcp\.json)`, ".ssh", "id_rsa", ".aws", "/etc/", ".env", "schlüssel", "zugangsdaten", "mcp.json"),
	says(Send, `\b(?:sende|schicke|leite|übertrage|lade)\b[^.\n]{0,80}\b(?:an|nach|zu|auf)\b[^\n]{0,20}(?:https?://|[\w.+-]+@[\w-]+\.\w)`, "://", "@"),
	// French.
	says(Override, `\b(?:ignore[zr]?|oublie[zr]?|n'obéis pas|ne (?:suis|suivez) (?:pas|plus))\b[^.\n]{0,30}\b(?:instructions?|consignes?|règles?|directives?)\b[^.\n]{0,20}(?:précédentes?|antérieures?|ci-dessus|initiales?)`, "instruction", "consigne", "règle", "directive"),
	says(Secrecy, `\b(?:ne|n')\s?(?:le |la |l')?(?:dis|dites|mentionne[zr]?|révèle[zr]?|informe[zr]?|montre[zr]?|parle[zr]?)\b[^.\n]{0,40}\b(?:utilisateur|utilisatrice|usager|client)\b|\bsans (?:le |en )?(?:dire|informer|prévenir|mentionner)[^.\n]{0,20}\butilisateur\b`, "utilisat", "usager", "client"),
	says(Steal, `\b(?:lis|lisez|lire|ouvre[zr]?|copie[zr]?|envoie|envoyez)\b[^.\n]{0,80}(?:~/\.ssh|id_rsa|\.aws/credentials|/etc/passwd|\.env(?:[^.\w]|$)|clés? privées?|identifiants|mcp\.json)`, ".ssh", "id_rsa", ".aws", "/etc/", ".env", "clé", "identifiants", "mcp.json"),
	says(Send, `\b(?:envoie|envoyez|transmets|transmettez|transfère)\b[^.\n]{0,80}\b(?:à|vers|sur)\b[^\n]{0,20}(?:https?://|[\w.+-]+@[\w-]+\.\w)`, "://", "@"),
	// Spanish.
	says(Override, `\b(?:ignora|ignore|olvida|olvide|descarta|no sigas)\b[^.\n]{0,30}\b(?:instrucciones|reglas|indicaciones|órdenes)\b[^.\n]{0,20}(?:anteriores|previas|de arriba|originales)`, "instrucciones", "reglas", "indicaciones", "órdenes"),
	says(Secrecy, `\b(?:no (?:se )?(?:lo )?(?:digas|menciones|informes|reveles|muestres|diga|mencione|informe|cuentes))\b[^.\n]{0,40}\b(?:usuario|usuaria|cliente)\b|\bsin (?:decir|informar|mencionar)[^.\n]{0,20}\busuario\b`, "usuari", "cliente"),
	says(Steal, `\b(?:lee|lea|abre|copia|envía|incluye)\b[^.\n]{0,80}(?:~/\.ssh|id_rsa|\.aws/credentials|/etc/passwd|\.env(?:[^.\w]|$)|claves? privadas?|credenciales|mcp\.json)`, ".ssh", "id_rsa", ".aws", "/etc/", ".env", "clave", "credenciales", "mcp.json"),
	says(Send, `\b(?:envía|envíe|reenvía|transmite|sube)\b[^.\n]{0,80}\b(?:a|al|hacia)\b[^\n]{0,20}(?:https?://|[\w.+-]+@[\w-]+\.\w)`, "://", "@"),
}
