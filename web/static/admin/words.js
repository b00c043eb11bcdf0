// What the operators' panel says.

const zh = {
  "gate.title": "客服工作台", "gate.name": "用户名", "gate.password": "密码", "gate.enter": "登录", "leave": "退出登录",
  "inbox": "会话", "search": "搜索会话内容或编号", "older": "更早的会话", "back": "返回列表", "keys": "键盘快捷键",
  "all.owner": "全部", "owner.bot.short": "机器人", "owner.queue.short": "等人工", "owner.operator.short": "人工中",
  "all.language": "语言", "all.channel": "渠道", "all.modality": "形式", "all.intent": "意图",
  "zh": "中文", "en": "英文", "page": "网页", "widget": "挂件", "api": "接口", "playground": "试验台", "text": "文字", "voice": "语音", "picture": "图片", "speech": "语音", "card": "卡片",
  "empty.inbox": "没有符合条件的会话", "empty.inbox.hint": "换个关键词，或清除筛选。", "empty.detail": "选一个会话", "empty.detail.hint": "按 J、K 上下移动，回车打开。",
  "identity.anonymous": "未核实", "identity.claimed": "只报了单号", "identity.verified": "身份已核实",
  "turns": "{n} 轮", "take": "接管", "release": "交还机器人", "say": "回复客户…", "send.say": "发送",
  "band.bot": "机器人正在接待", "band.queue": "客户在等人工", "band.me": "你正在接待，机器人已静默", "band.other": "{name} 正在接待",
  "you.customer": "客户", "turn": "第 {n} 轮", "heard.as": "听到", "cascade": "单听声音", "joint": "结合语义", "agree": "单听声音与结合语义，结果一致", "why": "原因：", "nbest.hint": "识别器给每个候选的概率（每个词的平均）", "weighed.hint": "声音与语义合在一起，每个候选的概率", "spoken.in": "语言：",
  "ev.heard": "听到了什么", "ev.meaning": "意图", "ev.slots": "槽位", "ev.feeling": "情绪与态度", "ev.weights": "各形式的权重", "ev.sight": "图片里看到", "fault.dark": "太暗，看不清", "fault.bright": "太亮，看不清", "fault.blurred": "太模糊，看不清", "fault.small": "太小，看不清", "ev.decision": "决定", "ev.actions": "执行", "ev.reply": "回复形式", "ev.time": "用时",
  "unsure": "{told}（拿不准）", "crossed": "跨形式注意力 {share}", "urgency": "紧急", "sentiment": "态度：{name}", "emotion": "情绪：{name}", "negative": "负面", "neutral": "中性", "positive": "正面", "happy": "高兴", "sad": "难过", "angry": "生气", "anxious": "着急", "excited": "激动", "flat": "低落平缓", "alone": "{modality}：{told} {share}",
  "done": "成功", "refused": "被拒", "failed": "失败", "facts": "返回内容", "budget": "预算 800 ms", "first": "首声 {ms} ms", "total": "共 {ms} ms", "quality": "质量",
  "key.move": "下一个、上一个会话", "key.open": "打开会话", "key.search": "搜索", "key.take": "接管或交还", "key.reply": "写回复", "key.back": "返回列表", "key.help": "显示快捷键",
  "offline.admin": "连接断开，正在重连…", "play": "播放", "now": "刚刚", "minutes": "{n} 分钟", "hours": "{n} 小时", "days": "{n} 天", "flagged": "需要留意", "rated": "客户评分 {n} / 5", "erase": "删除这个会话", "experiment": "实验",
  "calls": "待回电", "calls.open": "待处理", "calls.done": "已处理", "calls.none": "没有", "calls.unnamed": "没留称呼", "calls.any": "时间都可以", "calls.morning": "上午", "calls.afternoon": "下午", "calls.evening": "晚上", "calls.by": "{name} 已处理", "calls.read": "看会话", "calls.make.done": "标为已处理", "calls.make.open": "重新打开", "erase.callbacks": "留下的联系方式",
  "erase.title": "彻底删除这个会话？", "erase.hint": "删除后找不回来。店里的订单、退款和工单会保留，但不再含客户说的话。", "erase.keep": "保留", "erase.go": "彻底删除",
  "erase.turns": "轮次", "erase.sounds": "录音", "erase.pictures": "图片", "erase.speech": "语音回复", "erase.events": "事件记录", "erase.actions": "操作记录", "erase.features": "特征缓存", "erase.shop_notes": "去掉原话的工单与退款",
  "evidence": "这一轮的依据",
};

const en = {
  "gate.title": "Operator desk", "gate.name": "Name", "gate.password": "Password", "gate.enter": "Sign in", "leave": "Sign out",
  "inbox": "Conversations", "search": "Search words or number", "older": "Older conversations", "back": "Back to list", "keys": "Keyboard shortcuts",
  "all.owner": "All", "owner.bot.short": "Bot", "owner.queue.short": "Waiting", "owner.operator.short": "With a person",
  "all.language": "Language", "all.channel": "Channel", "all.modality": "Form", "all.intent": "Intent",
  "zh": "Chinese", "en": "English", "page": "Page", "widget": "Widget", "api": "API", "playground": "Playground", "text": "Text", "voice": "Voice", "picture": "Picture", "speech": "Speech", "card": "Card",
  "empty.inbox": "No conversations match", "empty.inbox.hint": "Try other words or clear a filter.", "empty.detail": "Choose a conversation", "empty.detail.hint": "J and K move, Enter opens.",
  "identity.anonymous": "Anonymous", "identity.claimed": "Order number only", "identity.verified": "Verified",
  "turns": "Turns: {n}", "take": "Take over", "release": "Hand back to bot", "say": "Write to the customer…", "send.say": "Send",
  "band.bot": "The bot is answering", "band.queue": "The customer is waiting for a person", "band.me": "You are answering; the bot is silent", "band.other": "{name} is answering",
  "you.customer": "Customer", "turn": "Turn {n}", "heard.as": "Heard", "cascade": "By sound alone", "joint": "Together with meaning", "agree": "Sound alone and sound with meaning agree", "why": "Why:", "nbest.hint": "The recognizer's probability of each candidate, averaged over its words", "weighed.hint": "Probability of each candidate, sound and meaning together", "spoken.in": "Language:",
  "ev.heard": "What was heard", "ev.meaning": "Intent", "ev.slots": "Slots", "ev.feeling": "Feeling", "ev.weights": "Weight of each form", "ev.sight": "Seen in the picture", "fault.dark": "Too dark to see", "fault.bright": "Too bright to see", "fault.blurred": "Too blurred to see", "fault.small": "Too small to see", "ev.decision": "Decision", "ev.actions": "Actions", "ev.reply": "Form of reply", "ev.time": "Time",
  "unsure": "{told} (unsure)", "crossed": "Attention between forms {share}", "urgency": "Urgency", "sentiment": "Attitude: {name}", "emotion": "Emotion: {name}", "negative": "Negative", "neutral": "Neutral", "positive": "Positive", "happy": "Happy", "sad": "Sad", "angry": "Angry", "anxious": "Anxious", "excited": "Excited", "flat": "Flat", "alone": "{modality} alone: {told} {share}",
  "done": "Done", "refused": "Refused", "failed": "Failed", "facts": "Facts", "budget": "Budget 800 ms", "first": "First sound {ms} ms", "total": "{ms} ms in all", "quality": "Quality",
  "key.move": "Next, previous conversation", "key.open": "Open", "key.search": "Search", "key.take": "Take over or hand back", "key.reply": "Write a reply", "key.back": "Back to list", "key.help": "Show shortcuts",
  "offline.admin": "Connection lost. Reconnecting…", "play": "Play", "now": "now", "minutes": "{n} min", "hours": "{n} h", "days": "{n} d", "flagged": "Needs attention", "rated": "Rated {n} out of 5", "erase": "Erase this conversation", "experiment": "Experiment",
  "calls": "Call-backs", "calls.open": "Open", "calls.done": "Done", "calls.none": "None", "calls.unnamed": "No name left", "calls.any": "Any time", "calls.morning": "Morning", "calls.afternoon": "Afternoon", "calls.evening": "Evening", "calls.by": "Done by {name}", "calls.read": "Read conversation", "calls.make.done": "Mark as done", "calls.make.open": "Open again", "erase.callbacks": "Contact details left",
  "erase.title": "Erase this conversation for good?", "erase.hint": "It cannot be brought back. Orders, refunds and tickets stay in the shop's books, without the customer's words.", "erase.keep": "Keep it", "erase.go": "Erase",
  "erase.turns": "Turns", "erase.sounds": "Recordings", "erase.pictures": "Pictures", "erase.speech": "Spoken replies", "erase.events": "Log entries", "erase.actions": "Actions", "erase.features": "Cached features", "erase.shop_notes": "Tickets and refunds stripped of words",
  "evidence": "Evidence for this turn",
};

export const words = { zh, en };
