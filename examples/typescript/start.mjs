// Prints the partner's members: TOKEN=… npm start http://127.0.0.1:8000/graphql
import { PartnerCenter, members } from "./dist/members.js";

const [url, token] = [process.argv[2], process.env.TOKEN];
if (!url || !token) throw new Error("Say where the API is, and in TOKEN an access token or API key.");
for (const line of await members(new PartnerCenter(url, token))) console.log(line);
