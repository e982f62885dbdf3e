// Where a mailed link leads in a sandbox, whose console is GraphiQL.
// The token stands behind the `#`, so that no server's log has it.

const LANDING = `query Landing($token: String!) {
  memberInvitationByToken(token: $token) { partnerName maskedEmail status expiresAt }
}`;

const token = location.hash.slice(1);
const told = document.getElementById('told');

async function landing() {
  const response = await fetch('/graphql', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ query: LANDING, variables: { token } }),
  });
  return (await response.json()).data?.memberInvitationByToken ?? null;
}

function accepting() {
  return `mutation Accept {
  memberInvitationAccept(input: { token: ${JSON.stringify(token)}, consent: true }) {
    memberInvitation { status }
    errors { code message }
  }
}`;
}

try {
  const found = await landing();
  if (!found) {
    told.textContent = 'This link is not good (any more): it was never sent, or a newer one was.';
  } else {
    const until = new Date(found.expiresAt).toLocaleString();
    told.textContent = `${found.partnerName} invites ${found.maskedEmail}. It is ${found.status}, and can be answered before ${until}.`;
    document.getElementById('mutation').textContent = accepting();
    document.getElementById('answer').hidden = found.status !== 'PENDING';
  }
} catch {
  told.textContent = 'The server could not be reached.';
}
