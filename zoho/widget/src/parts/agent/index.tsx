export const AgentBar = () => null;
