// Between the marks of an example (scripts/page-examples.mjs) stand its code and the output and figure of its run. This rule of
// the Markdown parser makes them a LiveExample, in which a reader can run the code.
const BEGIN = /^<!-- example: (\S+)/;
const END = /^<!-- end of example -->/;

export function liveExamples(md) {
  md.core.ruler.push("live-examples", (state) => {
    const html = (content) => {
      const token = new state.Token("html_block", "", 0);
      token.content = `${content}\n`;
      return token;
    };
    let inside = false;
    state.tokens = state.tokens.flatMap((token) => {
      if (token.type === "html_block" && BEGIN.test(token.content)) {
        inside = true;
        return [];
      }
      if (token.type === "html_block" && END.test(token.content)) {
        inside = false;
        return [html("</template></LiveExample>")];
      }
      if (!inside || token.type !== "fence" || token.info !== "ts") return [token];
      const code = Buffer.from(token.content.trimEnd()).toString("base64");
      return [html(`<LiveExample code="${code}"><template #code>`), token, html("</template><template #recorded>")];
    });
  });
}
